import { isDeepStrictEqual } from 'node:util'
import type { Source } from './choices.ts'
import { Prepared } from './prepared.ts'
import type { Breach } from './property.ts'
import { worldText } from './report.ts'
import type { Spec } from './spec.ts'
import { Trial } from './trial.ts'
import type { TrialResult } from './trial-result.ts'
import { mustBeSpec } from './valid-spec.ts'

/** What comes of it when steps are done twice. */
export interface AuditFinding {
  /** What was done twice: `run-1/charge`. Two of them if each alone does no harm. */
  readonly steps: readonly string[]
  /** What is different then. */
  readonly reason: string
}

/** What `auditIdempotency` has found. */
export interface AuditReport {
  /** All that was done twice, one at a time and in pairs; `run-1/charge, attempt 2` if one failed. */
  readonly steps: readonly string[]
  readonly unsafe: readonly AuditFinding[]
  /** One line a step that is not safe to repeat, or one that says all are. */
  readonly text: string
}

/**
 * Does every step of a workflow twice, as it happens when the process dies between the effect of a
 * step and its record: each alone, and each pair. A step is not safe to repeat if then a property
 * breaks, the world comes out different, or a run comes to something else. The way the workflow goes
 * is the usual one: the first outcome of each step, and no other fault.
 *
 * @example
 * const { unsafe, text } = await auditIdempotency({ workflows: [order], world, steps })
 * expect(unsafe, text).toEqual([])
 */
export async function auditIdempotency<World = undefined>(spec: Spec<World>): Promise<AuditReport> {
  mustBeSpec(spec)
  const steps = new Set<string>()
  const usual = await run(spec, move => {
    if (isAttempt(move)) steps.add(move)
    return false
  })
  if (usual.breach !== undefined) throw new Error(`Without any fault: ${breachText(usual.breach)}`)
  const unsafe: AuditFinding[] = []
  for (const twice of [...singles(steps), ...pairs(steps)]) {
    if (unsafe.some(({ steps }) => steps.every(step => twice.includes(step)))) continue
    const reason = difference(usual, await doneTwice(spec, twice))
    if (reason !== undefined) unsafe.push({ steps: twice, reason })
  }
  return { steps: [...steps], unsafe, text: textOf(steps.size, unsafe) }
}

// Starts, events and signals have labels of their own, and names that may contain a slash.
const isAttempt = (move: string): boolean =>
  move.includes('/') && !/^(start|event|signal) /.test(move)

const singles = (steps: ReadonlySet<string>): string[][] => [...steps].map(step => [step])

const pairs = (steps: ReadonlySet<string>): string[][] => {
  const all = [...steps]
  return all.flatMap((one, at) => all.slice(at + 1).map(other => [one, other]))
}

function doneTwice<World>(
  spec: Spec<World>,
  steps: readonly string[],
): Promise<TrialResult<World>> {
  const left = new Set(steps)
  return run(spec, move => left.delete(move))
}

/** Runs the usual schedule; the process dies before a write that records such a move. */
function run<World>(
  spec: Spec<World>,
  dies: (move: string) => boolean,
): Promise<TrialResult<World>> {
  const source: Source = (stream, _, __, [move = ''] = []) =>
    stream === 'write' && dies(move) ? 1 : 0
  const faults = { crashes: 2, writes: 0 }
  const { upgrade: _, ...other } = spec.faults ?? {}
  return new Trial(new Prepared({ ...spec, faults: { ...other, ...faults } }, faults), source).run()
}

function difference<World>(usual: TrialResult<World>, other: TrialResult<World>) {
  if (other.breach !== undefined) return breachText(other.breach)
  const [before, after] = [usual.end.world, other.end.world]
  if (!isDeepStrictEqual(before, after)) {
    return `the world is ${worldText(after)}, not ${worldText(before)}`
  }
  for (const run of usual.end.runs) {
    const now = other.end.run(run.id)
    if (now?.status !== run.status) return `${run.id} is ${now?.status}, not ${run.status}`
    if (!isDeepStrictEqual(now.output, run.output)) {
      return `${run.id} comes to ${worldText(now.output)}, not ${worldText(run.output)}`
    }
  }
  return undefined
}

const breachText = ({ kind, name, message }: Breach): string =>
  message === undefined ? `${kind}: ${name}` : `${kind}: ${name} (${message})`

function textOf(count: number, unsafe: readonly AuditFinding[]): string {
  if (unsafe.length === 0) return `All of ${count} steps are safe to repeat, alone and in pairs.`
  return unsafe
    .map(({ steps, reason }) => `${steps.join(' with ')} is not safe to repeat: ${reason}`)
    .join('\n')
}
