import type { Entry, Record, TimerClock } from '../../journal/entry.ts'
import { gatherOf } from '../../journal/open-commands.ts'
import { dueOf } from '../../journal/pending.ts'
import type { CommitSeen } from './commit-laws.ts'
import type { History, RunHistory } from './history.ts'
import type { Law } from './law.ts'

/** An entry that has just reached the disk; its run's history is as it was before it. */
export interface EntrySeen {
  readonly entry: Entry
  /** Its place in the record. */
  readonly place: number
  readonly record: Record
  readonly run: RunHistory
  readonly commit: CommitSeen
  readonly history: History
}

export const entryLaws: readonly Law<EntrySeen>[] = [
  {
    name: 'a record is one input and the commands it led to',
    fault({ entry, place, record, run }) {
      const isFirst = place > 0 && record.entries[0]?.type === 'run.scheduled'
      if (isFirst && BEGINNINGS.has(entry.type)) return undefined
      const [input, ...between] = record.entries.slice(0, place)
      const isLate = input?.type === 'timer.fired' || input?.type === 'run.joined'
      if (entry.type === 'cancel.set' && isLate && hasGathered(run, place)) return undefined
      const isBefore = between.every(each => each.type === 'cancel.set' || isAdmission(each))
      if (entry.type === 'run.started' && isLate && isBefore) return undefined
      return isCommand(entry) === place > 0 ? undefined : `${entry.type} is at place ${place}`
    },
  },
  {
    name: 'an answer belongs to the attempt that was made',
    fault({ entry, run }) {
      if (!('attempt' in entry) || !('of' in entry)) return undefined
      const open = run.ledger.open.get(entry.of)
      const current = open?.kind === 'step' && open.attempt === entry.attempt
      if (entry.type !== 'step.late') {
        return current ? undefined : `attempt ${entry.attempt} of ${entry.of} was not under way`
      }
      return current ? `attempt ${entry.attempt} of ${entry.of} was not too late` : undefined
    },
  },
  {
    name: 'a timer fires only when its clock has reached its due time',
    fault({ entry, run, record, history }) {
      const timer = firedBy(entry, run)
      if (timer === undefined) return undefined
      const { clock, due } = timer
      const stamp = clock === 'wall' ? record.at : record.elapsed
      if (stamp < due) return `${run.ledger.run}: fired at ${stamp}, due at ${due}`
      if (clock === 'elapsed') return undefined
      const since = run.timers.get(timer.seq)?.readings ?? 0
      const reached = history.walls.slice(Math.max(0, since - 1)).some(wall => wall >= due)
      return reached ? undefined : `${run.ledger.run}: the wall clock never showed ${due}`
    },
  },
  {
    name: 'what is due first fires first',
    fault({ entry, run, record, commit, history }) {
      const fired = firedBy(entry, run)
      if (fired?.clock !== 'elapsed') return undefined
      const now = history.clock.elapsed()
      const late = record.elapsed - fired.due
      const group = history.comeback.groupOf(run.ledger.run)
      for (const other of history.runs.values()) {
        // Runs that come back in groups have one due order in each, for what is overdue by then.
        const { place, since } = history.comeback.groupOf(other.ledger.run)
        if (place > group.place && now - late <= since) continue
        for (const open of other.ledger.open.values()) {
          // The code of a run whose backoff is over has to be brought back first.
          if (open.kind === 'step' || open.kind === 'code-backoff') continue
          const timer = dueOf(open)
          if (timer?.clock !== 'elapsed' || timer.due >= fired.due) continue
          // A run takes one turn at a time: while it has another, other runs go on.
          if (hasTurn(other, open.seq, commit)) continue
          const set = other.timers.get(open.seq)
          if (set === undefined || set.elapsed >= now) continue
          const earlier = `${other.ledger.run}!${open.seq}, due ${timer.due}`
          return `${run.ledger.run}!${fired.seq}, due ${fired.due}, fired before ${earlier}`
        }
      }
      return undefined
    },
  },
  {
    name: 'what has its answer gets no other',
    fault({ entry, run }) {
      if (!('of' in entry) || entry.type === 'step.late') return undefined
      return run.answered.has(entry.of) ? `${run.ledger.run}!${entry.of} has had one` : undefined
    },
  },
  {
    name: 'a failed attempt is followed by the next as its policy says',
    fault({ entry, run, record, history }) {
      if (entry.type !== 'step.failed') return undefined
      const { attempt, retryAt } = entry
      const step = run.ids.get(entry.of)
      const node = history.calls.get(`${run.ledger.run} ${step}`)
      const outcome = node?.outcomes[Math.min(attempt, node.outcomes.length - 1)]
      if (node === undefined || outcome === undefined) return `${step} was never called`
      const isLast = attempt >= node.retries || outcome.kind === 'fatal'
      if (isLast !== (retryAt === undefined)) {
        return `${run.ledger.run}: attempt ${attempt} of ${step}, ${node.retries} retries`
      }
      const wait = outcome.kind === 'retryAfter' ? outcome.ms : node.backoff
      return retryAt === undefined || retryAt <= record.elapsed + wait
        ? undefined
        : `${run.ledger.run}: ${step} waits until ${retryAt}`
    },
  },
  {
    name: 'after a cancellation only shielded steps are scheduled',
    fault({ entry, run }) {
      if (run.ledger.cancelled === undefined) return undefined
      if (!isCall(entry)) return undefined
      return entry.shielded ? undefined : `${run.ledger.run} schedules ${entry.id}`
    },
  },
  {
    name: 'a run whose code is deterministic is never parked',
    fault({ entry, run, history }) {
      if (entry.type !== 'run.parked' || history.outlaws.has(run.ledger.workflow)) return undefined
      return `${run.ledger.run}: ${entry.code} ${Buffer.from(entry.report).toString('latin1')}`
    },
  },
]

const hasTurn = (
  { ledger }: RunHistory,
  waiting: number,
  { records, before }: CommitSeen,
): boolean =>
  [...records, ...(before?.records ?? [])].some(
    ({ run, entries: [input] }) =>
      run === ledger.run && !(input?.type === 'timer.fired' && input.of === waiting),
  )

/** Whether the input of the record that is being read was the end of it. */
const hasGathered = ({ ledger, records }: RunHistory, place: number): boolean =>
  place === 1 &&
  !ledger.started &&
  gatherOf(ledger) === undefined &&
  records.some(({ entries }) => entries.some(({ type }) => type === 'gather.set'))

/** What a run that is scheduled may bring along. */
const BEGINNINGS: ReadonlySet<string> = new Set(['cancel.set', 'start.set', 'run.started'])

type Call = Extract<Entry, { readonly shielded?: true }>

const isCall = (entry: Entry): entry is Call =>
  entry.type === 'step.scheduled' ||
  entry.type === 'timer.set' ||
  entry.type === 'wait.set' ||
  entry.type === 'child.started' ||
  entry.type === 'event.sent'

const isCommand = (entry: Entry): boolean => isCall(entry) || isAdmission(entry) || isEnd(entry)

const isAdmission = ({ type }: Entry): boolean =>
  type === 'gather.set' ||
  type === 'slot.set' ||
  type === 'queue.set' ||
  type === 'deadline.set' ||
  type === 'run.skipped'

const isEnd = ({ type }: Entry): boolean =>
  type === 'code.failed' ||
  type === 'run.completed' ||
  type === 'run.continued' ||
  type === 'run.failed' ||
  type === 'run.cancelled'

function firedBy(entry: Entry, { ledger }: RunHistory): Fired | undefined {
  const open = entry.type === 'timer.fired' ? ledger.open.get(entry.of) : undefined
  const timer = open && dueOf(open)
  return open && timer && { seq: open.seq, ...timer }
}

interface Fired {
  readonly seq: number
  readonly clock: TimerClock
  readonly due: number
}

/** Whether a call waits for nothing more once it has this answer. */
export const isLast = (entry: Entry): entry is Extract<Entry, { readonly of: number }> =>
  entry.type === 'event.received' ||
  entry.type === 'child.finished' ||
  entry.type === 'step.succeeded' ||
  (entry.type === 'step.failed' && entry.retryAt === undefined)
