import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine, workflow } from 'perdure'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { perdure, type Said } from './perdure.ts'

/** What the package is to code that lies elsewhere: node resolves and loads that by itself. */
const SHARED = 'perdure-of-this-test'
const PACKAGE = `export const { openEngine, workflow } = globalThis[Symbol.for('${SHARED}')]`
const CODE = `import { workflow } from 'perdure'
export const calls = (globalThis[Symbol.for('${SHARED}')]).calls
export const bill = workflow({ id: 'bill', triggers: { event: 'shop/placed' } }, ({ event, step }) =>
  step.run('charge', () => { calls.push(event.data); return event.data }))
export const ask = workflow({ id: 'ask' }, ({ step }) =>
  step.waitForSignal('answer', { signal: 'answered', timeout: '1d' }))
`
const PART = `import { workflow } from 'perdure'
export const bill = workflow({ id: 'bill' }, () => 1)
`

let root: string
const calls: unknown[] = []

beforeAll(() => {
  Reflect.set(globalThis, Symbol.for(SHARED), { openEngine, workflow, calls })
  root = mkdtempSync(join(tmpdir(), 'perdure-own-'))
  const manifest = JSON.stringify({ name: 'perdure', type: 'module', exports: './index.mjs' })
  mkdirSync(join(root, 'app/node_modules/perdure'), { recursive: true })
  writeFileSync(join(root, 'app/node_modules/perdure/package.json'), manifest)
  writeFileSync(join(root, 'app/node_modules/perdure/index.mjs'), PACKAGE)
  writeFileSync(join(root, 'app/flows.mjs'), CODE)
  writeFileSync(join(root, 'app/part.mjs'), PART)
  const shape = '{ id: "bill", code: () => 1, retry: {}, triggers: [], cancelOn: [] }'
  writeFileSync(join(root, 'alone.mjs'), `export const bill = ${shape}`)
})

afterAll(() => {
  Reflect.deleteProperty(globalThis, Symbol.for(SHARED))
  rmSync(root, { recursive: true, force: true })
})

/** A journal in which a run waits for a signal, and that no engine has. */
async function journal(name: string): Promise<string> {
  const path = join(root, name)
  const { ask, bill } = await import(/* @vite-ignore */ join(root, 'app/flows.mjs'))
  const options = { path, workflows: [ask, bill], durability: 'os', secrets: ['pin'] } as const
  const engine = await openEngine(options)
  await engine.start(ask, undefined, { id: 'asked' })
  await engine.close()
  return path
}

const told = (path: string, ...args: readonly string[]): Promise<Said> =>
  perdure(['-d', path, ...args], { scratch: root })

describe('without an engine, given code', () => {
  test('what is asked is stored, and no step runs', async () => {
    const path = await journal('stored')
    const before = calls.length
    const started = await told(
      path,
      'start',
      'bill',
      'n:=1',
      '--id',
      'b1',
      '--code',
      'app/flows.mjs',
    )
    expect(started).toMatchObject({ status: 0, out: 'b1\n' })
    expect(started.err).toMatch(/^No engine runs: one with the workflows of .*flows\.mjs is opened/)
    const sent = await told(path, 'send', 'shop/placed', 'n:=2', '-q', '--code', 'app/flows.mjs')
    expect(sent.out).toMatch(/accepted\n {2}→ started run_\w+ bill\n$/)
    expect(sent.err).toBe('')
    const signalled = await told(path, 'signal', 'answered', '"yes"', '--code', 'app/flows.mjs')
    expect(signalled).toMatchObject({ status: 0, out: 'signalled answered\n' })
    expect(calls).toHaveLength(before)
    const list = (await told(path, 'list', '--plain', '--fields', 'run,status')).out
    expect(list).toContain('b1\trunning\n')
    const { bill, ask } = await import(/* @vite-ignore */ join(root, 'app/flows.mjs'))
    await using engine = await openEngine({ path, workflows: [bill, ask], durability: 'os' })
    expect(await (await engine.run('b1')).result()).toEqual({ n: 1 })
    expect(await (await engine.run('asked')).result()).toBe('yes')
  })

  test('with --wait all runs go on meanwhile, and secrets are kept', async () => {
    const path = await journal('waited')
    await told(path, 'start', 'bill', 'n:=3', '--id', 'b3', '--code', 'app/flows.mjs')
    const args = ['n:=4', 'pin=1234', '--wait', '--code', 'app/flows.mjs']
    const { status, out, err } = await told(path, 'start', 'bill', ...args)
    expect({ status, out }).toEqual({ status: 0, out: '{"n":4,"pin":"‹redacted›"}\n' })
    expect(err).toMatch(
      /carries on all runs meanwhile\.\nstarted run_\w+\n✓ run_\w+ bill completed/,
    )
    expect(calls).toContainEqual({ n: 3 })
    expect((await told(path, 'wait', 'b3')).out).toBe('{"n":3}\n')
  })

  test('the engine that runs is asked, if one does', async () => {
    const path = join(root, 'running')
    const echo = workflow({ id: 'echo' }, async ({ event }) => event.data)
    await using _ = await openEngine({ path, workflows: [echo] })
    const said = await told(path, 'start', 'echo', '1', '--wait', '-q', '--code', 'app/flows.mjs')
    expect(said).toEqual({ status: 0, out: '1\n', err: '' })
  })

  test('code that does not know what runs there is refused, and nothing happens', async () => {
    const path = await journal('unknown')
    const { status, err } = await told(path, 'start', 'bill', '--code', 'app/part.mjs')
    expect(status).toBe(2)
    expect(err).toContain('Run asked is of the workflow ask, which is not in ')
    expect((await told(path, 'list', '--plain', '--fields', 'run,status')).out).toBe(
      'asked\trunning\n',
    )
  })

  test('code that has no perdure is refused', async () => {
    const path = await journal('alone')
    const { status, err } = await told(path, 'start', 'bill', '--code', 'alone.mjs')
    expect(status).toBe(2)
    expect(err).toContain('alone.mjs cannot import perdure.')
  })

  test('no journal is made where none is', async () => {
    const { status } = await told(join(root, 'none'), 'start', 'bill', '--code', 'app/flows.mjs')
    expect(status).toBe(3)
    expect(existsSync(join(root, 'none'))).toBe(false)
  })
})
