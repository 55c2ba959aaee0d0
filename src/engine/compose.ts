import { AsyncLocalStorage } from 'node:async_hooks'
import { encodeValue } from '../../journal/codec/encode.ts'
import type { Input } from '../../journal/entry.ts'
import type { OpenedJournal } from '../../journal/open.ts'
import type { Logger } from '../define/logger.ts'
import type { Scope } from '../run/code.ts'
import { beginCode, type CodeHost, newCode } from '../run/replay.ts'
import type { Run } from '../run/run.ts'
import { Alarm } from '../timers/alarm.ts'
import { type AnswerRules, answer } from './answer.ts'
import { Attempts } from './attempts.ts'
import { Feed } from './feed.ts'
import { type Collected, collectGarbage } from './gc.ts'
import { Loop } from './loop.ts'
import type { EngineSettings } from './options.ts'
import { Outcomes } from './outcomes.ts'
import { Performer, restsOnItsOwn } from './performer.ts'
import { Residents } from './residents.ts'
import { Time } from './time.ts'
import type { Turn } from './turn.ts'

/** The parts of an engine, wired. */
export interface Parts extends OpenedJournal {
  readonly settings: EngineSettings
  readonly time: Time
  readonly loop: Loop
  readonly alarm: Alarm
  readonly attempts: Attempts
  readonly outcomes: Outcomes
  readonly feed: Feed
  readonly residents: Residents
  /** Runs whose records are damaged: they are left alone. */
  readonly damaged: Map<string, unknown>
  seedOf(run: string): string
  /** An input for a run, wherever it is. Resolves to whether there is such a run that goes on. */
  post(run: string, input: Input): Promise<boolean>
  /** Removes runs that ended longer ago than the retention says. */
  gc(): Promise<Collected>
}

/** How long code that awaited a promise of its own is waited for in a replay. */
const WAKE_MS = 10_000

/** The composition root: every effect of an engine is in one of these parts. */
export function compose(
  opened: OpenedJournal,
  settings: EngineSettings,
  failed: (error: unknown) => void,
): Parts {
  const { journal, meta } = opened
  const { clock, limits, logger, ids } = settings
  const time = new Time(clock, journal.tip)
  const outcomes = new Outcomes()
  const feed = new Feed(limits.subscriberEntries)
  const damaged = new Map<string, unknown>()
  const values = { bytes: limits.valueBytes }
  const scopes = new AsyncLocalStorage<Scope>()
  const seedOf = (run: string): string => `${meta.id}/${run}`
  const newRun = (): ReturnType<AnswerRules['newRun']> => {
    const id = ids.run(time.stamp().at)
    return { id, seed: seedOf(id) }
  }
  const rules: AnswerRules = { values, entriesPerRun: limits.entriesPerRun, newRun }

  const codeHost: CodeHost = {
    scopes,
    rest,
    logger: (run, workflow) => tagged(logger, { run, workflow }),
    waker: () => newWaker(ms => ring => clock.alarm(ms, ring)),
    onWake(id, code) {
      const run = residents.get(id)
      if (run?.code !== code) return
      const { wokeAt: site } = code
      logger.warn({ run: id, workflow: run.ledger.workflow, site }, FOREIGN)
      loop.sendFirst(run, { input: { type: 'code.woke' } })
    },
  }

  const loop = new Loop({
    journal,
    rest,
    stamp: () => time.stamp(),
    deliver: turn => deliver(turn, codeHost),
    evolve(turn) {
      answer(turn, rules)
      if (turn.run.ledger.backoff !== undefined || !turn.live) turn.run.code = undefined
      if (turn.live && restsOnItsOwn(turn.run)) warnOfOwnRest(turn.run, logger)
    },
    perform: turn => performer.perform(turn),
    revive: run => void residents.revive(run),
    failed,
  })

  const attempts = new Attempts(
    {
      clock,
      scopes,
      values,
      stamp: () => time.stamp(),
      ended: (run, input) => loop.send(run, { input }),
    },
    settings.concurrency,
  )

  const alarm = new Alarm({
    now: () => time.now(),
    alarm: (ms, ring) => clock.alarm(ms, ring),
    stored: (which, from, before) => journal.timers(which, from, before),
    failed,
    fire(due) {
      for (const { run, seq } of due) void post(run, { type: 'timer.fired', of: seq }).catch(ignore)
    },
  })

  const residents = new Residents({
    ...codeHost,
    journal,
    workflows: settings.workflows,
    most: limits.residentRuns,
    now: () => time.now(),
    revived(run) {
      performer.pending(run)
      loop.wake(run)
    },
    park(run, code, report) {
      logger.error({ run: run.id, workflow: run.ledger.workflow, code, report }, 'run parked')
      loop.sendFirst(run, { input: { type: 'run.parked', code, report: encodeValue(report) } })
    },
    damaged(run, error) {
      damaged.set(run, error)
      logger.error({ run, error }, 'the records of a run are damaged: it is left alone')
    },
  })

  const performer = new Performer({ loop, alarm, attempts, outcomes, feed, residents })

  async function post(id: string, input: Input): Promise<boolean> {
    const run = residents.get(id) ?? (await residents.load(id))
    if (run === undefined) return false
    await new Promise<void>((resolve, reject) =>
      loop.send(run, { input, ack: { resolve, reject } }),
    )
    return true
  }

  const parts = { ...opened, settings, time, loop, alarm, attempts, outcomes, feed, residents }
  const gc = (): Promise<Collected> => collectGarbage(journal, time.stamp().at - settings.retention)
  return { ...parts, damaged, seedOf, post, gc }
}

function deliver({ run, input, moment }: Turn, host: CodeHost): void {
  const { workflow, id } = run
  if (input === undefined || workflow === undefined) return
  if (input.type !== 'run.scheduled' && input.type !== 'run.started') {
    run.code?.deliver(input, moment)
    return
  }
  const scheduled = input.type === 'run.scheduled' ? input : run.scheduled
  if (scheduled === undefined) throw new Error(`run ${id} does not begin`)
  run.code = newCode(id, host)
  beginCode(run.code, workflow, id, scheduled, moment, () => host.logger(id, workflow.id))
}

// The check phase comes after every microtask, those that microtasks queue included.
const rest = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

function newWaker(alarm: (ms: number) => (ring: () => void) => () => void): {
  woke(): void
  wait(): Promise<void>
} {
  let woke = (): void => {}
  return {
    woke: () => woke(),
    wait: () =>
      new Promise(resolve => {
        const callOff = alarm(WAKE_MS)(resolve)
        woke = () => {
          callOff()
          resolve()
        }
      }),
  }
}

const FOREIGN =
  'the code awaited a promise the engine does not know: put what it waits for into step.run()'

function warnOfOwnRest(run: Run, logger: Logger): void {
  const { workflow } = run.ledger
  logger.warn(
    { run: run.id, workflow },
    'the code waits for something that is no step: see step.run()',
  )
}

const tagged = (logger: Logger, tags: object): Logger => ({
  debug: (facts, message) => logger.debug({ ...tags, ...facts }, message),
  info: (facts, message) => logger.info({ ...tags, ...facts }, message),
  warn: (facts, message) => logger.warn({ ...tags, ...facts }, message),
  error: (facts, message) => logger.error({ ...tags, ...facts }, message),
})

// Whoever needs to know was told by the engine's own failure.
const ignore = (): void => {}
