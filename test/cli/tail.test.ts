import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { openEngine, type WorkflowContext, workflow } from 'perdure'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { entryRecord } from '../../src/cli/records/entry.ts'
import { perdure, type Said } from './perdure.ts'

const echo = workflow({ id: 'echo' }, async ({ event, step }: WorkflowContext) =>
  step.run('say', () => event.data),
)

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perdure-tail-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

const open = (path: string) => openEngine({ path, workflows: [echo] })

/** A command that goes on until it is interrupted. */
class Tail {
  text = ''
  readonly ended: Promise<Said>
  readonly #stop = new AbortController()
  #wake = (): void => {}

  constructor(path: string, ...args: readonly string[]) {
    const out = new Writable({
      decodeStrings: false,
      write: (piece, _, done) => {
        this.text += String(piece)
        this.#wake()
        done()
      },
    })
    const interrupt = this.#stop.signal
    this.ended = perdure(['-d', path, 'tail', ...args], { scratch: root, out, interrupt })
  }

  get entries(): ReturnType<typeof entryRecord.parse>[] {
    const lines = this.text.split('\n').filter(line => line !== '')
    return lines.map(line => entryRecord.parse(JSON.parse(line)))
  }

  /** Waits until it has printed what is wanted. */
  async until(has: (tail: this) => boolean): Promise<void> {
    while (!has(this)) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  interrupt(): Promise<Said> {
    this.#stop.abort()
    return this.ended
  }
}

const ends = (run: string) => (tail: Tail) =>
  tail.entries.some(entry => entry.run === run && entry.type === 'run.completed')
const keyOf = ({ run, seq }: { readonly run: string; readonly seq: number }) => `${run} ${seq}`

describe('tail', () => {
  test('goes on behind its cursor, leaves nothing out, and tells nothing twice', async () => {
    const path = join(root, 'loss-free')
    await using engine = await open(path)
    const all = new Tail(path, '--json', '--after', '0')
    const told: string[] = []
    let cursor = '0'
    for (let round = 0; round < 8; round++) {
      const tail = new Tail(path, '-o', 'ndjson', '--after', cursor)
      await Promise.all(
        Array.from({ length: 5 }, async (_, of) =>
          (await engine.start(echo, of, { id: `r-${round}-${of}` })).result(),
        ),
      )
      await tail.until(tail => tail.entries.length >= round + 1)
      const { status, err } = await tail.interrupt()
      expect(status).toBe(130)
      const { entries } = tail
      // As it would be if it had been cut off somewhere on the way.
      const kept = entries.slice(0, round + 1)
      told.push(...kept.map(keyOf))
      cursor = kept.at(-1)?.cursor ?? cursor
      expect(err).toContain(`followed ${entries.length} entries in `)
      expect(err).toContain(`perdure tail --after ${entries.at(-1)?.cursor}\n`)
    }
    const rest = await perdure(
      ['-d', path, 'tail', '--no-follow', '--after', cursor, '-o', 'ndjson'],
      { scratch: root },
    )
    for (const line of rest.out.trim().split('\n')) told.push(keyOf(JSON.parse(line)))
    await all.until(tail => tail.entries.length >= told.length)
    expect(told).toEqual(all.entries.map(keyOf))
    expect(new Set(told).size).toBe(told.length)
    await all.interrupt()
  })

  test('begins with now, and prints lines for people', async () => {
    const path = join(root, 'now')
    await using engine = await open(path)
    await (await engine.start(echo, 1, { id: 'before' })).result()
    const tail = new Tail(path)
    // It has begun once it tells of something.
    for (let n = 0; tail.text === ''; n++) {
      await (await engine.start(echo, 'hi', { id: `after-${n}` })).result()
    }
    await tail.until(({ text }) => /✓ completed +"hi"\n/.test(text))
    await tail.interrupt()
    expect(tail.text).not.toContain('before')
    expect(tail.text).toMatch(/Z {2}after-\d+ +✓ say +\d+ms {2}"hi"\n/)
  })

  test('shows only what is asked for', async () => {
    const path = join(root, 'filters')
    await using engine = await open(path)
    const wanted = ['--after', '0', '--type', 'step.*', '--run', 'one', '--workflow', 'e*']
    const tail = new Tail(path, '-o', 'ndjson', ...wanted)
    for (const id of ['one', 'two', 'three']) await (await engine.start(echo, 1, { id })).result()
    await tail.until(({ entries }) => entries.length === 2)
    await tail.interrupt()
    expect(tail.entries.map(keyOf)).toEqual(['one 2', 'one 3'])
    expect(tail.entries.map(({ step }) => step)).toEqual(['say', 'say'])
  })

  test('says that the engine has gone, and where to go on', async () => {
    const path = join(root, 'gone')
    const engine = await open(path)
    const tail = new Tail(path, '-o', 'ndjson', '--after', '0')
    await (await engine.start(echo, 1, { id: 'a' })).result()
    await tail.until(ends('a'))
    await engine.close()
    const { status, err } = await tail.ended
    const last = tail.entries.at(-1)?.cursor
    expect(status).toBe(4)
    expect(err).toBe(`The engine is gone. To go on from here: perdure tail --after ${last}\n`)
    const after = new Tail(path, '-o', 'ndjson', '--after', last ?? '')
    expect(await after.ended).toMatchObject({
      status: 0,
      err: expect.stringContaining('No engine runs: what is stored is printed'),
    })
    expect(after.text).toBe('')
  })

  test('waits for the engine with --retry, and goes on without a gap', async () => {
    const path = join(root, 'retry')
    const tail = await (async () => {
      await using engine = await open(path)
      const tail = new Tail(path, '-o', 'ndjson', '--after', '0', '--retry')
      await (await engine.start(echo, 1, { id: 'a' })).result()
      await tail.until(ends('a'))
      return tail
    })()
    await using engine = await open(path)
    await (await engine.start(echo, 2, { id: 'b' })).result()
    await tail.until(ends('b'))
    const { status, err } = await tail.interrupt()
    expect(status).toBe(130)
    expect(err).toContain('The engine is gone: waiting for it.\n')
    expect(tail.entries.map(keyOf)).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(of => keyOf({ run: of < 5 ? 'a' : 'b', seq: of % 5 })),
    )
  })

  test('says what was removed before it could be told', async () => {
    const path = join(root, 'trimmed')
    await using engine = await openEngine({ path, workflows: [echo], retention: 0 })
    for (const id of ['a', 'b', 'c']) await (await engine.start(echo, 1, { id })).result()
    while ((await engine.gc()).runs > 0);
    const { status, err } = await perdure(['-d', path, 'tail', '--no-follow'], { scratch: root })
    expect(status).toBe(0)
    expect(err).toMatch(/^Commits up to \d+ were removed with the runs they were of/)
  })

  test('has an end only for a run that there is', async () => {
    const path = join(root, 'nobody')
    await using engine = await open(path)
    const args = ['-d', path, 'tail', '--run', 'later']
    expect(await perdure([...args, '--no-follow'], { scratch: root })).toMatchObject({
      ...{ status: 3, out: '', err: expect.stringContaining('There is no run "later".') },
    })
    expect((await perdure([...args, '--snapshot'], { scratch: root })).status).toBe(3)
    // Who follows may be there before it.
    const tail = new Tail(path, '-o', 'ndjson', '--after', '0', '--run', 'later')
    await (await engine.start(echo, 1, { id: 'later' })).result()
    await tail.until(ends('later'))
    expect((await tail.interrupt()).status).toBe(130)
  })

  test.each([
    ['step.suceeded', 'Did you mean "step.succeeded"? There are '],
    ['nope.*', 'There are cancel.set, '],
  ])('refuses the type %s', async (type, hint) => {
    const args = ['-d', root, 'tail', '--no-follow', '--type', `run.*,${type}`]
    const { status, out, err } = await perdure(args, { scratch: root })
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toContain(`perdure: ${type} is no type of an entry.\n  ${hint}`)
  })

  test.each([['x'], ['1.'], ['-1'], ['1.2.3.4']])('refuses the cursor %s', async cursor => {
    const { status, err } = await perdure(['-d', root, 'tail', `--after=${cursor}`], {
      scratch: root,
    })
    expect(status).toBe(2)
    expect(err).toContain(`--after ${cursor} is no cursor.`)
  })
})
