import { encodeValue } from '../../journal/codec/encode.ts'
import type { ValueLimits } from '../../journal/codec/limits.ts'
import type { Command, Entry, Input, Record } from '../../journal/entry.ts'
import type { Change } from '../../journal/pending.ts'
import { EngineError } from '../define/error.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import { begins } from '../run/admit.ts'
import { conclude } from '../run/conclude.ts'
import { Run } from '../run/run.ts'
import { encodeThrown } from '../run/storable-error.ts'
import type { Turn } from './turn.ts'

export interface AnswerRules {
  readonly values: ValueLimits
  readonly entriesPerRun: number
  newRunId(): string
  seedOf(run: string): string
}

/**
 * Makes the record of a turn that has come to rest: the input and what the code answered.
 */
export function answer(turn: Turn, rules: AnswerRules): void {
  const { run, input, moment } = turn
  if (input === undefined) return
  const seq = run.ledger.seq
  const entries: Entry[] = [input]
  if (turn.live && input.type !== 'run.started' && begins(run.ledger, input)) {
    entries.push({ type: 'run.started' })
  }
  if (turn.live) entries.push(...commandsOf(turn, seq + entries.length, rules))
  if (input.type === 'code.woke' && entries.length === 1) return
  if (input.type === 'run.cancel_requested' && !turn.live) {
    entries.push({ type: 'run.cancelled', reason: input.reason })
  }
  turn.record = { run: run.id, seq, ...moment, entries }
  turn.changes = run.note(turn.record)
  forgetAttempt(run, input)
  if (liftsHold(input)) turn.changes = [...turn.changes, ...pending(run)]
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
  const { run, input, moment } = turn
  const { code, workflow } = run
  if (code === undefined || workflow === undefined) return []
  const asked = code.takeAsked(seq)
  const { ending } = code
  if (ending !== undefined) {
    const { seed, codeFailures } = run.ledger
    const cancelled = input?.type === 'run.cancel_requested' ? input.reason : run.ledger.cancelled
    const circumstances = { seed, codeFailures, cancelled, moment }
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

/** Ends the run for a successor, which is scheduled in the same write. */
function succeed(turn: Turn, workflow: AnyWorkflow, value: unknown, rules: AnswerRules): Command {
  const { run, moment } = turn
  let data: Uint8Array
  try {
    data = encodeValue(value, rules.values)
  } catch (error) {
    return { type: 'run.failed', error: encodeThrown(error, rules.values) }
  }
  const id = rules.newRunId()
  const seed = rules.seedOf(id)
  const successor = new Run(id, workflow)
  const record: Record = {
    run: id,
    seq: 0,
    ...moment,
    entries: [{ type: 'run.scheduled', workflow: workflow.id, data, seed, continues: run.id }],
  }
  successor.note(record)
  turn.successor = { run: successor, record }
  return { type: 'run.continued', successor: id }
}

const tooLong = (run: string, { entriesPerRun }: AnswerRules): EngineError =>
  new EngineError('RUN_TOO_LONG', `Run ${run} has reached ${entriesPerRun} entries, the most.`, {
    hint: 'Continue it as a new run in time, with step.continueAsNew().',
    facts: { run, entriesPerRun },
  })
