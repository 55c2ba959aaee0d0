import type { Secrets } from '../../inspect/secrets.ts'
import type { DiffRecord } from '../records/diff.ts'
import { isoText } from '../times.ts'
import { align } from './align.ts'
import type { CallAccount, RunAccount } from './run-account.ts'
import { type ValueChange, valueDiff } from './value-diff.ts'

type StepDiff = DiffRecord['steps'][number]
type Mask = Pick<Secrets, 'mask'>
type Changes = DiffRecord['input']

/** How two runs differ, as data. */
export function runDiff(a: RunAccount, b: RunAccount, secrets: Mask): DiffRecord {
  const pairs = align(a.calls, b.calls, ({ type, name }) => `${type} ${name}`)
  const steps = pairs.flatMap(pair => stepDiff(pair.a, pair.b, secrets))
  const same =
    a.head.status === b.head.status &&
    steps.every(step => step.a?.outcome === step.b?.outcome && !step.change.startsWith('only'))
  return {
    ...{ v: 1, kind: 'diff', same, a: runOf(a), b: runOf(b) },
    input: changesOf(
      a.input,
      b.input,
      secrets,
      [a.head, b.head].map(({ workflow }) => workflow),
    ),
    output: changesOf(a.output, b.output, secrets),
    steps,
  }
}

function stepDiff(
  a: CallAccount | undefined,
  b: CallAccount | undefined,
  secrets: Mask,
): readonly StepDiff[] {
  const either = a ?? b
  if (either === undefined) return []
  const { type, name: id } = either
  const sides = { ...(a && { a: sideOf(a) }), ...(b && { b: sideOf(b) }) }
  if (a === undefined || b === undefined) {
    const change = a === undefined ? 'only-b' : 'only-a'
    return [{ type, id, change, differs: [], ...sides, result: [] }]
  }
  const result = changesOf(a.result, b.result, secrets)
  const differs: StepDiff['differs'] = []
  if (a.outcome !== b.outcome) differs.push('outcome')
  if (a.attempts !== b.attempts) differs.push('attempts')
  if (result.length > 0) differs.push('result')
  return [
    { type, id, change: differs.length === 0 ? 'same' : 'changed', differs, ...sides, result },
  ]
}

function sideOf({ type, outcome, attempts, askedAt, endedAt }: CallAccount) {
  return {
    outcome,
    ...(type === 'step' && { attempts }),
    ...(endedAt !== undefined && { tookMs: Math.max(0, endedAt - askedAt) }),
  }
}

function runOf({ head }: RunAccount): DiffRecord['a'] {
  const { run: id, workflow, status, createdAt, outcome } = head
  return {
    ...{ id, workflow, status, createdAt: isoText(createdAt) },
    ...(outcome !== undefined && { tookMs: Math.max(0, outcome.at - createdAt) }),
  }
}

const changesOf = (a: unknown, b: unknown, secrets: Mask, of?: readonly string[]): Changes =>
  valueDiff({ value: a, shown: secrets.mask(a, of) }, { value: b, shown: secrets.mask(b, of) }).map(
    change => change as ValueChange & Changes[number],
  )
