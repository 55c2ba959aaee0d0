import { event, type FlowOptions, workflow } from 'perdure'
import { expect, test } from 'vitest'
import { timeOrderedIds } from '../../src/ports/ids.ts'
import { Machine } from '../../src/testing/machine.ts'
import { passTime } from '../../src/testing/pass-time.ts'
import { RunView, runsOn } from '../../src/testing/run-view.ts'

const job = event<'job', { k: string }>('job')

type Flow = FlowOptions<never>

/** Each takes two steps and a second. */
const release = (flows: { readonly [id: string]: Flow }) =>
  Object.entries(flows).map(([id, flow]) =>
    workflow({ ...(flow as object), id, triggers: job, retries: 0 }, async ({ step }) => {
      await step.run('one', () => 1)
      await step.sleep('1s')
      await step.run('two', () => 2)
    }),
  )

const perStep: Flow = { concurrency: { limit: 1, scope: 'engine', key: "'x'" } }
const perRun: Flow = { concurrency: { limit: 1, scope: 'engine', key: "'x'", per: 'run' } }
const keyed: Flow = { concurrency: { limit: 1, key: 'event.data.k' } }
const keyedRun: Flow = { concurrency: { limit: 1, key: 'event.data.k', per: 'run' } }
const paced: Flow = { throttle: { limit: 1, period: '1s' } }
const single: Flow = { singleton: { key: 'event.data.k', mode: 'cancel' } }

test.each<[string, { [id: string]: Flow }, { [id: string]: Flow }]>([
  [
    'one of two gives a shared limit of steps up',
    { a: perStep, b: perStep },
    { a: {}, b: perStep },
  ],
  ['one of two gives a shared limit of runs up', { a: perRun, b: perRun }, { a: {}, b: perRun }],
  ['a limit of steps becomes one of runs', { a: keyed }, { a: keyedRun }],
  ['a limit of runs becomes one of steps', { a: keyedRun }, { a: keyed }],
  ['a limit becomes a throttle', { a: keyedRun }, { a: paced }],
  ['a throttle goes', { a: paced }, { a: {} }],
  ['a singleton goes', { a: single }, { a: {} }],
])('%s, after a crash at whichever write: all runs end', async (_, before, after) => {
  for (let dies = 1; dies <= 14; dies++) {
    const machine = new Machine(timeOrderedIds(size => new Uint8Array(size)))
    const settle = async (): Promise<void> => {
      await machine.settle()
      while (machine.engine === undefined) {
        if (machine.failure !== undefined) throw machine.failure
        await machine.boot(() => ({ workflows: release(after) }))
      }
    }
    await machine.boot(() => ({ workflows: release(before) }))
    const written = machine.disk.writes
    machine.disk.fault = () => (machine.disk.writes === written + dies ? 'crash-after' : undefined)
    const sent = ['x', 'x', 'y', 'x'].map(k => job({ k }))
    machine.engine?.send(sent).catch(() => {})
    await settle()
    await passTime(machine.clock, 60_000, settle)
    const runs = runsOn(machine.disk.rows).map(id => new RunView(machine.disk.rows, id))
    const open = runs.filter(({ status }) => status !== 'completed' && status !== 'cancelled')
    expect({ dies, open: open.map(({ id, status }) => `${id} ${status}`) }).toEqual({
      dies,
      open: [],
    })
    expect(machine.engine?.stats()).toMatchObject({ runs: 0, waitingRuns: 0, runningSteps: 0 })
    await machine.stop()
  }
})
