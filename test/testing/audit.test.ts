import { event, type WorkflowContext, workflow } from 'perdure'
import { auditIdempotency, type StepStub } from 'perdure/testing'
import { describe, expect, test } from 'vitest'

interface Shop {
  charges: number
  readonly keys: Set<string>
  readonly mails: string[]
}

const order = workflow({ id: 'order' }, async ({ step }: WorkflowContext) => {
  const id = await step.run('reserve', () => 'r1')
  await Promise.all([step.run('charge', () => id), step.run('mail', () => id)])
  await step.run('charge', () => 'rest')
})

const world = (): Shop => ({ charges: 0, keys: new Set(), mails: [] })
const once: StepStub<Shop> = ({ idempotencyKey }, world) => {
  if (!world.keys.has(idempotencyKey)) world.charges++
  world.keys.add(idempotencyKey)
}

describe('an audit', () => {
  test('names the steps that are not safe to repeat, and why', async () => {
    const report = await auditIdempotency({
      workflows: [order],
      world,
      steps: { charge: (_, world) => void world.charges++, mail: () => {} },
    })
    expect(report.steps).toEqual(['run-1/reserve', 'run-1/charge', 'run-1/mail', 'run-1/charge:1'])
    expect(report.unsafe.map(({ steps }) => steps)).toEqual([['run-1/charge'], ['run-1/charge:1']])
    expect(report.text).toMatch(/^run-1\/charge is not safe to repeat: the world is \{ charges: 3,/)
  })

  test('says when all are safe', async () => {
    const report = await auditIdempotency({ workflows: [order], world, steps: { charge: once } })
    expect(report.unsafe).toEqual([])
    expect(report.text).toBe('All of 4 steps are safe to repeat, alone and in pairs.')
  })

  test('finds two that do harm only together', async () => {
    const report = await auditIdempotency({
      workflows: [order],
      world: () => ({ reserved: 0, mailed: 0 }),
      steps: {
        reserve: (_, world) => void world.reserved++,
        mail: (_, world) => void world.mailed++,
      },
      properties: {
        always: { 'not both twice': ({ world }) => world.reserved < 2 || world.mailed < 2 },
      },
    })
    // The world shows each of them by itself.
    expect(report.unsafe).toHaveLength(2)
    const blind = await auditIdempotency({
      workflows: [order],
      world: () => new Tally(),
      steps: {
        reserve: (_, world) => void world.add('reserve'),
        mail: (_, world) => void world.add('mail'),
      },
      properties: {
        never: { 'both twice': ({ world }) => world.of('reserve') > 1 && world.of('mail') > 1 },
      },
    })
    expect(blind.unsafe).toEqual([
      { steps: ['run-1/reserve', 'run-1/mail'], reason: 'never: both twice' },
    ])
  })

  test('takes no start, event or signal for a step', async () => {
    const come = event('app/come')
    const waiting = workflow({ id: 'app/waiting' }, async ({ step }: WorkflowContext) => {
      await step.waitForEvent('come', { event: come, timeout: '1h' })
      await step.waitForSignal('go', { signal: 'app/go', timeout: '1h' })
      await step.run('act', () => {})
    })
    const report = await auditIdempotency({
      workflows: [waiting],
      starts: [{ workflow: waiting }],
      events: [come({})],
      signals: [{ signal: 'app/go' }],
    })
    expect(report.steps).toEqual(['run-1/act'])
  })

  test('a result that differs is enough', async () => {
    const draw = workflow({ id: 'one' }, ({ step }: WorkflowContext) => step.run('draw', () => 0))
    const report = await auditIdempotency({
      workflows: [draw],
      world: () => new Tally(),
      steps: { draw: (_, world) => world.add('draw') },
    })
    expect(report.text).toBe('run-1/draw is not safe to repeat: run-1 comes to 2, not 1')
  })

  test('refuses a workflow that is wrong without any of it', async () => {
    const properties = { always: { impossible: () => false } }
    await expect(auditIdempotency({ workflows: [order], properties })).rejects.toThrow('impossible')
  })
})

/** Counts without showing it. */
class Tally {
  readonly #counts = new Map<string, number>()

  add(what: string): number {
    this.#counts.set(what, this.of(what) + 1)
    return this.of(what)
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0
  }
}
