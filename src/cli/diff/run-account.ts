import { decodeValue } from '../../../journal/codec/decode.ts'
import { toTaggedJson } from '../../../journal/codec/json.ts'
import type { Entry, Record } from '../../../journal/entry.ts'
import type { Head } from '../../../journal/head.ts'
import { type Call, callOf } from '../graph/call.ts'

export type Outcome = 'ok' | 'failed' | 'timeout' | 'open'

/** One thing that a run asked for, and what came of it. */
export interface CallAccount extends Call {
  /** With its occurrence. */
  readonly name: string
  readonly askedAt: number
  outcome: Outcome
  attempts: number
  endedAt: number | undefined
  /** Tagged JSON; undefined: it has none. */
  result: unknown
}

/** A run as it can be compared with another. */
export interface RunAccount {
  readonly head: Head
  input: unknown
  /** What it returned, or why it did not. */
  output: unknown
  readonly calls: readonly CallAccount[]
}

export function accountOf(head: Head, records: readonly Record[]): RunAccount {
  const calls = new Map<number, CallAccount>()
  const account: RunAccount = { head, input: undefined, output: undefined, calls: [] }
  for (const { seq, at, entries } of records) {
    for (const [place, entry] of entries.entries()) {
      const call = callOf(entry)
      if (call !== undefined && 'id' in entry) calls.set(seq + place, asked(call, entry.id, at))
      else if ('of' in entry) answer(calls.get(entry.of), entry, at)
      else noteEnds(account, entry)
    }
  }
  return { ...account, calls: [...calls.values()] }
}

// What is sent is sent with the record that says so.
const asked = (call: Call, name: string, at: number): CallAccount => ({
  ...call,
  ...{ name, askedAt: at, attempts: call.type === 'step' ? 1 : 0, result: undefined },
  ...(call.type === 'send'
    ? { outcome: 'ok', endedAt: at }
    : { outcome: 'open', endedAt: undefined }),
})

function answer(call: CallAccount | undefined, entry: Entry, at: number): void {
  if (call === undefined) return
  const settle = (outcome: Outcome, result?: Uint8Array): void => {
    call.outcome = outcome
    call.endedAt = at
    if (result !== undefined) call.result = json(result)
  }
  switch (entry.type) {
    case 'step.succeeded':
      call.attempts = entry.attempt + 1
      return settle('ok', entry.value)
    case 'step.failed':
      call.attempts = entry.attempt + 1
      if (entry.retryAt === undefined) settle('failed', entry.error)
      return
    case 'event.received':
      return settle('ok', entry.data)
    case 'child.finished':
      return settle(entry.ok ? 'ok' : 'failed', entry.value)
    case 'timer.fired':
      // Of a step it is the time for its next attempt.
      if (call.type !== 'step') settle(call.type === 'sleep' ? 'ok' : 'timeout')
      return
    default:
      return
  }
}

function noteEnds(account: RunAccount, entry: Entry): void {
  if (entry.type === 'run.scheduled') account.input = json(entry.data)
  else if (entry.type === 'run.completed') account.output = json(entry.output)
  else if (entry.type === 'run.failed') account.output = json(entry.error)
  else if (entry.type === 'run.cancelled') account.output = entry.reason
  else if (entry.type === 'run.skipped') account.output = entry.reason
}

/** Stacks tell of the code's files, not of what it did. */
function json(bytes: Uint8Array): unknown {
  const value = decodeValue(bytes)
  return toTaggedJson(value instanceof Error ? { name: value.name, message: value.message } : value)
}
