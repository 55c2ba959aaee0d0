import { setImmediate as immediate } from 'node:timers/promises'
import { type Engine, openEngine } from 'perdure'
import { describe, expect, test } from 'vitest'
import { copyConsistent } from '../../journal/leveldb/copy.ts'
import { verify } from '../../journal/verify.ts'
import { timeOrderedIds } from '../../src/ports/ids.ts'
import { VirtualClock } from '../../src/testing/clock.ts'
import type { WriteFault } from '../../src/testing/disk.ts'
import { Machine } from '../../src/testing/machine.ts'
import { passTime } from '../../src/testing/pass-time.ts'
import { runsOn } from '../../src/testing/run-view.ts'
import { TestRun } from '../../src/testing/test-run.ts'
import { scratch } from '../journal/leveldb/store.ts'
import { type Job, job, jobs, nameOf } from './story.ts'

type Flow = NonNullable<Parameters<typeof jobs>[0]>

/** What is sent at the beginning, and from second to second after it. */
type Sends = readonly (readonly Job[])[]

const named = (...names: string[]): Job[] => names.map(name => ({ name, takes: '1s' }))
const keyed = (...jobs: [string, unknown][]): Job[] => jobs.map(([name, key]) => ({ name, key }))

const FLOWS: readonly (readonly [string, Flow, Sends])[] = [
  ['concurrency per run', { concurrency: { limit: 1, per: 'run' } }, [named('a', 'b'), named('c')]],
  ['concurrency per step', { concurrency: 1 }, [named('a', 'b'), named('c')]],
  ['throttle', { throttle: { limit: 1, period: '2s' } }, [named('a', 'b'), named('c')]],
  ['rate limit', { rateLimit: { limit: 2, period: '3s' } }, [named('a'), named('b', 'c')]],
  ['idempotency', { idempotency: 'event.data.key' }, [keyed(['a', 1]), keyed(['b', 1], ['c', 2])]],
  ['debounce', { debounce: { period: '2s' } }, [named('a'), named('b'), [], [], named('c')]],
  [
    'debounce, all',
    { debounce: { period: '2s', timeout: '3s', mode: 'all' } },
    [named('a', 'b'), named('c'), named('d'), named('e')],
  ],
  [
    'debounce, leading edge',
    { debounce: { period: '2s', edge: 'leading' } },
    [named('a', 'b'), named('c'), [], [], named('d')],
  ],
  [
    'batch',
    { batchEvents: { maxSize: 3, timeout: '2s' } },
    [named('a', 'b'), named('c', 'd'), named('e')],
  ],
  [
    'priority',
    { concurrency: { limit: 1, per: 'run' }, priority: "event.data.name == 'c' ? 9 : 0" },
    [named('a', 'b'), named('c')],
  ],
  ['singleton, skip', { singleton: { mode: 'skip' } }, [named('a', 'b'), named('c')]],
  [
    'singleton, cancel',
    { singleton: { mode: 'cancel' } },
    [[{ name: 'a', takes: '9s' }], [{ name: 'b', takes: '9s' }], named('c', 'd')],
  ],
  [
    'timeouts',
    { timeouts: { start: '2s', finish: '3s' }, concurrency: { limit: 1, per: 'run' } },
    [[{ name: 'a', takes: '9s' }, ...named('b')], named('c')],
  ],
]

/** A story in which the process may die at a write; whoever sent something then sends it again. */
class Trial {
  readonly told: string[] = []
  deaths = 0
  readonly #machine = new Machine(timeOrderedIds(size => new Uint8Array(size)))
  readonly #options: { readonly workflows: [ReturnType<ReturnType<typeof jobs>>] }

  constructor(flow: Flow) {
    const { clock } = this.#machine
    const tell = (what: string) => void this.told.push(`${clock.elapsed() / 1_000} ${what}`)
    this.#options = { workflows: [jobs(flow)(tell)] }
  }

  /** How many writes there were. */
  async play(sends: Sends, at: number, fault: WriteFault): Promise<number> {
    await this.#machine.boot(() => this.#options)
    const { disk, clock } = this.#machine
    const before = disk.writes
    disk.fault = () => (disk.writes === before + at ? fault : undefined)
    for (const [second, sent] of sends.entries()) {
      if (sent.length > 0) await this.#send(second, sent)
      await passTime(clock, 1_000, () => this.#settle())
    }
    await passTime(clock, 20_000, () => this.#settle())
    return disk.writes - before
  }

  async #send(second: number, sent: readonly Job[]): Promise<void> {
    const events = sent.map(each => job(each, { id: `${second} ${each.name}`, ts: this.#ts }))
    let accepted = false
    while (!accepted) {
      const sending = this.#machine.engine?.send(events).then(
        () => {
          accepted = true
        },
        () => {},
      )
      if (sending === undefined) throw new Error('the engine is not open')
      await this.#settle()
    }
  }

  get #ts(): number {
    return this.#machine.clock.wall()
  }

  async #settle(): Promise<void> {
    await this.#machine.settle()
    while (this.#machine.engine === undefined) {
      this.deaths++
      if (this.#machine.failure !== undefined) throw this.#machine.failure
      await this.#machine.boot(() => this.#options)
    }
  }

  /** What every way must come to: how the runs ended, and what was done when. */
  async outcome(): Promise<unknown> {
    const { rows } = this.#machine.disk
    const ends = runsOn(rows)
      .map(id => new TestRun(rows, id, async () => {}))
      .map(run => `${nameOf(run)} ${run.reason ?? run.status} ${run.output ?? ''}`.trim())
    await this.#machine.stop()
    const findings: unknown[] = []
    for await (const finding of verify(this.#machine.disk.open())) findings.push(finding)
    // What was done and not recorded is done again.
    return { ends: ends.sort(), told: [...new Set(this.told)].sort(), findings }
  }
}

describe('a crash at any write changes nothing', () => {
  test.each(FLOWS)('%s', async (_, flow, sends) => {
    const calm = new Trial(flow)
    const writes = await calm.play(sends, -1, 'crash-before')
    const expected = await calm.outcome()
    expect(writes).toBeGreaterThan(5)
    expect(expected).toMatchObject({ findings: [] })
    for (let at = 0; at < writes; at++) {
      // To die before a write leaves on disk what to die after the one before it does.
      const fault = at % 2 === 0 ? 'crash-before' : 'crash-after'
      const trial = new Trial(flow)
      await trial.play(sends, at, fault)
      expect(trial.deaths).toBe(1)
      expect(await trial.outcome(), `${fault} write ${at}`).toEqual(expected)
    }
  })
})

describe('a directory that a process left behind', () => {
  const dirs = scratch()

  interface Lives {
    readonly sent: readonly Job[]
    /** The process dies when this is on disk. */
    readonly dies?: string
    readonly sentThen?: readonly Job[]
    /** What begins in its second life, in this order, and how the runs end. */
    readonly begun: readonly string[]
    readonly ends: readonly string[]
  }

  async function mustLiveOn(flow: Flow, { sent, dies, sentThen = [], begun, ends }: Lives) {
    const clock = new VirtualClock()
    const open = (path: string, begun: string[]): Promise<Engine> => {
      const tell = (what: string) => void (what.startsWith('+') && begun.push(what.slice(1)))
      const workflows = [jobs(flow)(tell)]
      return openEngine({ path, clock, workflows, durability: 'os' })
    }
    const [one, two] = [await dirs('one'), await dirs('two')]
    const before = await open(one, [])
    const entries = before.subscribe()
    await before.send(sent.map(each => job(each)))
    while (dies !== undefined && (await entries.next()).value?.type !== dies);
    await copyConsistent(one, two)
    await before.close()
    const seen: string[] = []
    await using engine = await open(two, seen)
    if (sentThen.length > 0) await engine.send(sentThen.map(each => job(each)))
    while (seen.length < begun.length || (await statuses(engine)).some(isUnderWay)) {
      clock.pass(10)
      await immediate()
    }
    expect(seen).toEqual(begun)
    expect(await statuses(engine)).toEqual(ends)
  }

  const isUnderWay = (status: string): boolean => status === 'running' || status === 'scheduled'

  async function statuses(engine: Engine): Promise<string[]> {
    // While they are listed a run may end, and is listed twice.
    const found = new Map<string, string>()
    for await (const { id, status } of engine.runs()) found.set(id, status)
    return [...found.values()].sort()
  }

  const plain = (...names: string[]): Job[] => names.map(name => ({ name }))

  test('is throttled on', () =>
    mustLiveOn(
      { throttle: { limit: 1, period: '2s' } },
      {
        sent: plain('a', 'b'),
        dies: 'run.completed',
        sentThen: plain('c'),
        begun: ['b', 'c'],
        ends: ['completed', 'completed', 'completed'],
      },
    ))

  test('keeps what was counted and whom a key stands for', () =>
    mustLiveOn(
      { rateLimit: { limit: 2, period: '1h' }, idempotency: 'event.data.name' },
      {
        sent: plain('a'),
        dies: 'run.completed',
        sentThen: plain('a', 'b', 'c'),
        begun: ['b'],
        ends: ['completed', 'completed', 'skipped', 'skipped'],
      },
    ))

  test('goes on to gather: a batch', () =>
    mustLiveOn(
      { batchEvents: { maxSize: 3, timeout: '2s' } },
      {
        sent: plain('a', 'b'),
        sentThen: plain('c', 'd'),
        begun: ['a,b,c', 'd'],
        ends: ['completed', 'completed'],
      },
    ))

  test('goes on to gather: a debounce', () =>
    mustLiveOn(
      { debounce: { period: '2s' } },
      { sent: plain('a'), sentThen: plain('b'), begun: ['b'], ends: ['completed'] },
    ))

  test('keeps places, and who waits for them in which order', () =>
    mustLiveOn(
      {
        concurrency: { limit: 1, per: 'run' },
        priority: "event.data.name == 'c' ? 60 : 0",
      },
      {
        sent: [{ name: 'a', takes: '1s' }, { name: 'b' }],
        dies: 'timer.set',
        sentThen: plain('c'),
        begun: ['c', 'b'],
        ends: ['completed', 'completed', 'completed'],
      },
    ))

  test('keeps who is alone, and how long', () =>
    mustLiveOn(
      { singleton: { mode: 'skip' }, timeouts: { finish: '3s' } },
      {
        sent: [{ name: 'a', takes: '1h' }],
        dies: 'timer.set',
        sentThen: plain('b'),
        begun: [],
        ends: ['cancelled', 'skipped'],
      },
    ))
})
