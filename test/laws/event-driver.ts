import type { Engine, MadeEvent } from 'perdure'
import { unseal } from '../../journal/envelope.ts'
import { passedIn } from './commit-laws.ts'
import type { EventMove, Outside } from './event-moves.ts'
import { LawBroken } from './law.ts'
import { hasEndedBefore, lengthOf } from './removal-laws.ts'
import { EVERY_TICK, faultOfTicker } from './schedule-laws.ts'
import type { Trial } from './trial.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Lets something come from outside, or has the engine clean up; does not wait for the answer. */
export function letCome(move: EventMove, trial: Trial): void {
  switch (move.kind) {
    case 'send':
      return send(trial, move.events)
    case 'signal':
      return ask(trial, `signal ${move.signal}`, engine => engine.signal(move.signal, move.n))
    case 'gc':
      return collect(trial)
    case 'schedule': {
      const { schedule, program, missed, overlap, jitter } = move
      const workflow = trial.workflowOf(program % trial.plan.programs.length)
      const data = { left: 0, k: 0, n: 0, hops: 0 }
      const times = { cron: EVERY_TICK, missed, overlap, jitter }
      return ask(trial, `schedule ${schedule}`, engine =>
        engine.schedules.create({ id: `tick${schedule}`, workflow, data, ...times }),
      )
    }
    case 'unschedule':
      return ask(trial, `unschedule ${move.schedule}`, engine =>
        engine.schedules.delete(`tick${move.schedule}`),
      )
    default:
      return move satisfies never
  }
}

function send(trial: Trial, all: readonly Outside[]): void {
  const { clock, history, witness } = trial
  const { asked, stored } = history.events
  const events: MadeEvent[] = all.map(({ name, k, n, id, late }) => ({
    name,
    data: { k, n, hops: 0 },
    ...(id !== undefined && { id: `own-${id}` }),
    ...(late !== undefined && { ts: Math.floor(clock.wall()) + late }),
  }))
  const own = events.flatMap(({ id }) => id ?? [])
  for (const id of own) asked.set(id, (asked.get(id) ?? 0) + 1)
  ask(
    trial,
    'send',
    async engine => {
      const { ids } = await engine.send(events)
      trial.guard(() => {
        if (trial.engine !== engine) return
        for (const id of ids) {
          const there = stored.find(event => event.id === id)
          if (there === undefined) throw new LawBroken(ACKED, `event ${id} is not there`)
          const { failedAfter = Number.POSITIVE_INFINITY } = witness
          if (there.commit > failedAfter) throw new LawBroken(FAILED, `event ${id}`)
        }
      })
    },
    () => {
      for (const id of own) {
        const left = (asked.get(id) ?? 0) - 1
        asked.set(id, left)
        const there = left === 0 && stored.some(event => event.id === id)
        if (there) throw new LawBroken(REFUSED, `event ${id} was refused and is there`)
      }
    },
  )
}

const ACKED = 'what is acknowledged is on disk'
const FAILED = 'after a failed write nothing is acknowledged that was not on disk before'
const REFUSED = 'what was acknowledged is there for ever, what was refused never'

/** What is old has to be gone once the collection is over. */
function collect(trial: Trial): void {
  const { history, clock } = trial
  const { epoch } = history.commits.at(-1) ?? { epoch: 0 }
  const retention = lengthOf(history.retention)
  const ended = passedIn(history, epoch) - retention
  const at = Math.max(history.commits.at(-1)?.commit.at ?? 0, Math.floor(clock.wall()))
  ask(trial, 'gc', async engine => {
    await engine.gc()
    trial.guard(() => {
      if (trial.engine !== engine) return
      for (const run of history.runs.keys()) {
        if (hasEndedBefore(history, run, ended)) throw new LawBroken(OLD, `${run} is there`)
      }
      const { byRow, inbox } = history.events
      for (const event of byRow.values()) {
        const isNeeded = [...inbox.values()].some(
          ({ input }) => input?.type === 'event.delivered' && input.row === event.row,
        )
        if (event.at < at - retention - HOUR && !isNeeded) {
          throw new LawBroken(OLD, `${event.row} is there`)
        }
      }
      for (const [key, row] of history.rows) {
        if (!key.startsWith('i!')) continue
        const known = unseal(key, row).body as { at: number }
        if (known.at < at - DAY) throw new LawBroken(OLD, `${key} is there`)
      }
    })
  })
}

const OLD = 'what is old is gone once it was collected'

function ask(
  trial: Trial,
  what: string,
  call: (engine: Engine) => Promise<unknown>,
  refused: () => void = () => {},
): void {
  const { engine, witness, unanswered } = trial
  if (engine === undefined) return
  const name = `${what} (${unanswered.size})`
  unanswered.add(name)
  const answered = (tell: () => void): void => {
    if (trial.engine !== engine) return
    witness.activity++
    unanswered.delete(name)
    trial.guard(tell)
  }
  call(engine).then(
    () => answered(() => {}),
    error =>
      answered(() => {
        if (witness.codeOf(what, error) === 'NOT_ACCEPTED') refused()
      }),
  )
}

/** Lets schedules catch up, and stops them: their runs have to come to an end. */
export async function rest(trial: Trial): Promise<void> {
  const { clock, history } = trial
  const { tickers, started } = history.events
  if (tickers.size === 0) return
  for (let minutes = 0; minutes < 4; minutes++) await trial.pass(60_000)
  for (const ticker of tickers.values()) {
    const isActive = [...history.runs.values()].some(
      ({ ledger }) => ledger.schedule === ticker.id && ledger.outcome === undefined,
    )
    const fault = faultOfTicker(ticker, clock.wall(), started, isActive)
    if (fault !== undefined) trial.break('a schedule keeps up', fault)
    ask(trial, 'pause of a schedule', engine => engine.schedules.pause(ticker.id))
  }
  await trial.settle()
}
