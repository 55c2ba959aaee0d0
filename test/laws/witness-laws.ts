import { isDeepStrictEqual } from 'node:util'
import { CancelledError, EngineError, JournalError } from 'perdure'
import { decodeValue } from '../../journal/codec/decode.ts'
import type { OpenStep } from '../../journal/pending.ts'
import { outcomeOf, skippedError } from '../../src/engine/outcomes.ts'
import type { BodyCall } from './calls.ts'
import type { History } from './history.ts'
import { nameOf } from './interpreter.ts'
import type { Law } from './law.ts'
import { mostOf, valueFor } from './turnout.ts'
import type { Witness } from './witness.ts'

/** A step's body that is called now. */
export interface BodySeen {
  readonly call: BodyCall
  readonly attempt: number
  readonly key: string
  readonly history: History
  readonly witness: Witness
}

export const bodyLaws: readonly Law<BodySeen>[] = [
  {
    name: 'no body is called before its attempt is on disk',
    fault({ call, attempt, history }) {
      return onDisk(call, attempt, history) === undefined
        ? `${call.run} calls attempt ${attempt} of ${call.step}`
        : undefined
    },
  },
  {
    name: 'what is recorded is not done again',
    fault({ call, history }) {
      const done = history.run(call.run)?.succeeded.has(call.step)
      return done ? `${call.run} calls ${call.step} again` : undefined
    },
  },
  {
    name: 'an idempotency key belongs to one call, and sees one input',
    fault({ call, key, witness }) {
      const { run, step, path, input } = call
      const first = witness.inputs.get(key)
      if (first !== undefined && !isDeepStrictEqual(first, { run, step, path, input })) {
        return `${JSON.stringify(first)} and ${JSON.stringify({ run, step, path, input })}`
      }
      const own = witness.keys.get(`${run} ${step}`)
      if (own !== undefined && own !== key) return `${run} ${step} has two keys: ${own} and ${key}`
      return undefined
    },
  },
  {
    name: 'a step has one body at a time',
    fault({ call, witness }) {
      const running = witness.bodies.find(
        ({ run, step, signal }) => run === call.run && step === call.step && !signal.aborted,
      )
      return running && `${call.run} calls ${call.step} while attempt ${running.attempt} runs`
    },
  },
  {
    name: 'no more steps execute under a limit than it allows',
    fault({ call, history, witness }) {
      for (const id of stepLimits(call.run, history)) {
        const others = witness.bodies.filter(
          ({ run, signal }) => !signal.aborted && stepLimits(run, history).includes(id),
        )
        const most = mostOf(id, history)
        if (others.length >= most) return `${call.run} is the ${others.length + 1}th of ${id}`
      }
      return undefined
    },
  },
  {
    name: 'a paused run starts no step',
    fault: ({ call, witness }) =>
      witness.paused.has(call.run) ? `${call.run} calls ${call.step}` : undefined,
  },
  {
    name: 'a cancelled run starts no step outside a shield',
    fault({ call, attempt, history, witness }) {
      if (!witness.cancelled.has(call.run)) return undefined
      const shielded = onDisk(call, attempt, history)?.shielded
      return shielded ? undefined : `${call.run} calls ${call.step}`
    },
  },
  {
    name: 'after a failed write nothing is begun',
    fault: ({ call, witness }) =>
      witness.failedAfter !== undefined ? `${call.run} calls ${call.step}` : undefined,
  },
]

/** The limits that the steps of a run come under. */
function stepLimits(run: string, history: History): string[] {
  const workflow = history.run(run)?.ledger.workflow ?? ''
  return (history.flowOf(workflow)?.concurrency ?? []).flatMap(({ per, key, scope }) => {
    const value = per === 'step' ? valueFor(key, run, history) : undefined
    if (value === undefined) return []
    return JSON.stringify(['step', scope === 'engine' ? '*' : workflow, key ?? '', value])
  })
}

// What the newest record closed may still be begun: nobody was told of that record yet.
function onDisk({ run, step }: BodyCall, attempt: number, history: History): OpenStep | undefined {
  const ledger = history.run(run)?.ledger
  if (ledger === undefined) return undefined
  const closed = ledger.changes.filter(({ op }) => op === 'closed').map(({ what }) => what)
  for (const open of [...ledger.open.values(), ...closed]) {
    if (open.kind === 'step' && open.id === step && open.attempt === attempt) return open
  }
  return undefined
}

/** An acknowledgement that has just come. */
export interface AckSeen {
  readonly what: Asked
  readonly run: string
  readonly history: History
  readonly witness: Witness
}

export type Asked = 'start' | 'cancel' | 'pause' | 'resume'

export const ackLaws: readonly Law<AckSeen>[] = [
  {
    name: 'what is acknowledged is on disk',
    fault({ what, run, history }) {
      const of = history.run(run)
      if (of === undefined) return `${what} of ${run}: there is no such run`
      const entries = of.records.flatMap(({ entries }) => entries)
      const ended = of.ledger.outcome !== undefined
      const type = REQUESTS[what]
      const there = entries.some(entry => entry.type === type)
      return there || ended ? undefined : `${what} of ${run}: there is no ${type}`
    },
  },
  {
    name: 'after a failed write nothing is acknowledged that was not on disk before',
    fault({ what, run, history, witness }) {
      const { failedAfter } = witness
      if (failedAfter === undefined || history.run(run)?.ledger.outcome !== undefined) {
        return undefined
      }
      const asked = REQUESTS[what]
      const isOld = history.commits
        .slice(0, failedAfter)
        .flatMap(({ records }) => records)
        .some(record => record.run === run && record.entries.some(({ type }) => type === asked))
      return isOld ? undefined : `${what} of ${run}`
    },
  },
]

const REQUESTS = {
  start: 'run.scheduled',
  cancel: 'run.cancel_requested',
  pause: 'run.paused',
  resume: 'run.resumed',
} as const satisfies { [What in Asked]: string }

/** A result that somebody was just shown. */
export interface ResultSeen {
  readonly run: string
  readonly result: Result
  readonly history: History
  readonly witness: Witness
}

export type Result = { readonly output: unknown } | { readonly error: string }

export const resultLaws: readonly Law<ResultSeen>[] = [
  {
    name: 'a result is what the journal says',
    fault({ run, result, history }) {
      const recorded = recordedResult(run, history)
      if (isDeepStrictEqual(recorded, result)) return undefined
      return `${run}: ${JSON.stringify(result)} was shown, ${JSON.stringify(recorded)} is recorded`
    },
  },
  {
    name: 'a result that was seen never changes',
    fault({ run, result, witness }) {
      const first = witness.results.get(run)
      if (first === undefined || isDeepStrictEqual(first, result)) return undefined
      return `${run}: first ${JSON.stringify(first)}, then ${JSON.stringify(result)}`
    },
  },
]

/** How a run ended, from its records alone. */
export function recordedResult(run: string, history: History): Result | undefined {
  const of = history.run(run)
  const record = of?.records.find(({ seq }) => seq === of.ledger.outcome?.seq)
  const outcome = outcomeOf(record?.entries ?? [])
  switch (outcome?.kind) {
    case undefined:
    case 'parked':
      return undefined
    case 'completed':
      return { output: decodeValue(outcome.output) }
    case 'continued':
      return recordedResult(outcome.successor, history)
    case 'failed':
      return { error: nameOf(decodeValue(outcome.error)) }
    case 'cancelled':
      return { error: nameOf(new CancelledError(outcome.reason)) }
    case 'skipped':
      return { error: nameOf(skippedError(run, outcome)) }
    default:
      return outcome satisfies never
  }
}

/** Whether an error of `result()` says something of the engine, not of the run. */
export const isOfEngine = (error: unknown): boolean =>
  (error instanceof EngineError &&
    (error.code === 'RUN_PARKED' || error.facts.run === undefined)) ||
  error instanceof JournalError
