import { encodeValue } from '../../journal/codec/encode.ts'
import type { ValueLimits } from '../../journal/codec/limits.ts'
import type { Command, Entry, Input, RunScheduled } from '../../journal/entry.ts'
import type { EventBody } from '../../journal/event.ts'
import type { Change } from '../../journal/pending.ts'
import { EngineError } from '../define/error.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import { begins } from '../run/admit.ts'
import type { Asked } from '../run/call.ts'
import { conclude } from '../run/conclude.ts'
import { type Instant, type Moment, scopedWait } from '../run/retry.ts'
import type { Run } from '../run/run.ts'
import { encodeThrown } from '../run/storable-error.ts'
import type { Arrival } from './arrival.ts'
import { type Follower, isQuiet } from './endings.ts'
import { postsOf } from './kinship.ts'
import type { Turn } from './turn.ts'

export interface AnswerRules {
  readonly values: ValueLimits
  readonly entriesPerRun: number
  now(): Instant
  newRunId(): string
  seedOf(run: string): string
  /** The entries that a run begins with which is started: that it is scheduled, and what cancels it. */
  scheduling(arrival: Arrival): Entry[]
  /** A run that is to be started. */
  arrival(id: string, workflow: AnyWorkflow, scheduled: RunScheduled, moment: Moment): Arrival
  /** The events that tell of the end of a run, if it has ended with these entries. */
  ending(run: Run, entries: readonly Entry[], moment: Moment): EventBody[]
  /** The run that handles the end of a run, if it has ended with these entries. */
  follower(run: Run, entries: readonly Entry[], moment: Moment): Follower | undefined
}

/**
 * Makes the record of a turn that has come to rest: the input and what the code answered; and what
 * is written beside it: runs that it starts, events that it sends, inputs for other runs.
 */
export function answer(turn: Turn, rules: AnswerRules): void {
  const { run, input, moment } = turn
  if (input === undefined) return
  const seq = run.ledger.seq
  const entries = input.type === 'run.scheduled' ? beginning(turn, input, rules) : [input]
  if (turn.live && input.type !== 'run.started' && begins(run.ledger, input)) {
    entries.push({ type: 'run.started' })
  }
  const finish = run.workflow?.flow?.timeouts?.finish
  if (finish !== undefined && entries.some(({ type }) => type === 'run.started')) {
    entries.push({
      type: 'deadline.set',
      phase: 'finish',
      due: moment.elapsed + finish,
      after: finish,
    })
  }
  if (turn.live) entries.push(...commandsOf(turn, seq + entries.length, rules))
  if (input.type === 'code.woke' && entries.length === 1) return
  if (input.type === 'run.cancel_requested' && !turn.live) {
    entries.push({ type: 'run.cancelled', reason: input.reason })
  }
  const { at, elapsed } = moment
  turn.record = { run: run.id, seq, at, elapsed, entries }
  turn.changes = run.note(turn.record)
  forgetAttempt(run, input)
  turn.posts.push(...postsOf(run, input, turn.changes, entries, rules.values))
  for (const body of rules.ending(run, entries, moment)) turn.sends.push({ body, dedupe: false })
  const follower = rules.follower(run, entries, moment)
  if (follower !== undefined) {
    schedule(turn, follower.workflow, follower.data, { event: follower.event }, rules)
  }
  if (liftsHold(input)) turn.changes = [...turn.changes, ...pending(run)]
}

function beginning(turn: Turn, scheduled: RunScheduled, rules: AnswerRules): Entry[] {
  const { run, mail, moment } = turn
  const { id, workflow } = run
  if (workflow === undefined) return [scheduled]
  const entries = rules.scheduling(rules.arrival(id, workflow, scheduled, moment))
  return mail.behind === undefined ? entries : [...entries, ...mail.behind]
}

// Until its end is recorded an attempt must not be begun again.
function forgetAttempt({ attempts }: Run, input: Input): void {
  if (!('attempt' in input)) return
  if (attempts.get(input.of)?.attempt === input.attempt) attempts.delete(input.of)
}

const liftsHold = ({ type }: Input): boolean =>
  type === 'run.resumed' || type === 'run.unparked' || type === 'run.cancel_requested'

// Steps that became due during a hold were not started then.
const pending = ({ ledger }: Run): Change[] =>
  Array.from(ledger.open.values(), what => ({ op: 'opened', what }))

function commandsOf(turn: Turn, seq: number, rules: AnswerRules): Command[] {
  const { run, input } = turn
  const { code, workflow } = run
  if (code === undefined || workflow === undefined) return []
  const asked = code.takeAsked(seq).map((each, at) => commandOf(turn, each, seq + at, rules))
  const { ending } = code
  if (ending !== undefined) {
    if (ending.kind === 'threw') turn.pauses ??= scopedWait(ending.error, rules.now())
    const { seed, codeFailures } = run.ledger
    const cancelled = input?.type === 'run.cancel_requested' ? input.reason : run.ledger.cancelled
    const isFinal = (thrown: unknown): boolean => code.given.isFinal(thrown)
    const circumstances = { seed, codeFailures, cancelled, now: rules.now(), isFinal }
    const last =
      ending.kind === 'continued'
        ? succeed(turn, workflow, ending.data, rules)
        : conclude(ending, circumstances, workflow.retry, rules.values)
    return [...asked, last]
  }
  if (seq + asked.length < rules.entriesPerRun) return asked
  return [
    ...asked,
    { type: 'run.failed', error: encodeThrown(tooLong(run.id, rules), rules.values) },
  ]
}

/** What a call asks for, with the run that it starts and the events that it sends. */
function commandOf(
  turn: Turn,
  { command, awaited }: Asked,
  seq: number,
  rules: AnswerRules,
): Command {
  const { child, sends } = awaited.call
  if (sends !== undefined) turn.sends.push(...sends(awaited.id))
  if (command.type !== 'child.started' || child === undefined) return command
  const parent = { run: turn.run.id, seq }
  return { ...command, child: schedule(turn, child.workflow, child.data, { parent }, rules) }
}

/** Ends the run for a successor, which is scheduled in the same write. */
function succeed(turn: Turn, workflow: AnyWorkflow, value: unknown, rules: AnswerRules): Command {
  const { run } = turn
  let data: Uint8Array
  try {
    data = encodeValue(value, rules.values)
  } catch (error) {
    return { type: 'run.failed', error: encodeThrown(error, rules.values) }
  }
  const { parents, schedule: of, startedBy } = run.ledger
  const [parent] = parents
  const origin = {
    continues: run.id,
    ...(parents.length > 1 ? { parents } : parent !== undefined && { parent }),
    ...(of !== undefined && { schedule: of }),
    ...(isQuiet(startedBy) && startedBy !== undefined && { startedBy }),
  }
  return { type: 'run.continued', successor: schedule(turn, workflow, data, origin, rules) }
}

/** Schedules a run in the write of the turn. Gives its id. */
function schedule(
  turn: Turn,
  workflow: AnyWorkflow,
  data: Uint8Array,
  origin: Omit<RunScheduled, 'type' | 'workflow' | 'data' | 'seed' | 'given'>,
  rules: AnswerRules,
): string {
  const id = rules.newRunId()
  const scheduled = {
    type: 'run.scheduled',
    workflow: workflow.id,
    data,
    seed: rules.seedOf(id),
  } as const
  const arrival = rules.arrival(id, workflow, { ...scheduled, ...origin }, turn.moment)
  turn.arrivals.push(arrival)
  return id
}

const tooLong = (run: string, { entriesPerRun }: AnswerRules): EngineError =>
  new EngineError('RUN_TOO_LONG', `Run ${run} has reached ${entriesPerRun} entries, the most.`, {
    hint: 'Continue it as a new run in time, with step.continueAsNew().',
    facts: { run, entriesPerRun },
  })
