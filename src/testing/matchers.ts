import type { SkipReason } from '../../journal/admission-entry.ts'
import { excerpt } from './excerpt.ts'
import type { RunView, StepView } from './run-view.ts'
import { matches, type Pattern, subsequence } from './subsequence.ts'

/** What is expected of a step. Values are compared as by `toEqual`, the error as by `toThrow`. */
export interface ExpectedStep {
  readonly status?: StepView['status']
  /** How many attempts have ended. */
  readonly attempts?: number
  readonly value?: unknown
  readonly error?: unknown
}

/** What a test library hands to its matchers. */
export interface Matching {
  readonly isNot: boolean
  readonly customTesters: Tester[]
  equals(a: unknown, b: unknown, testers?: Tester[]): boolean
  readonly utils: {
    readonly iterableEquality: Tester
    stringify(value: unknown, depth?: number, options?: { readonly min?: boolean }): string
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what they are called with is the library's own.
type Tester = (...given: any[]) => boolean | undefined

interface Matched {
  readonly pass: boolean
  message(): string
}

/** Whether the run has completed; with this output, if one is given. */
export function toHaveCompleted(this: Matching, run: unknown, ...output: unknown[]): Matched {
  const view = viewOf(run, 'toHaveCompleted')
  const fits = output.length === 0 || same(this, view.output, output[0])
  const wanted = `have completed${output.length === 0 ? '' : ` with ${text(this, output[0])}`}`
  const message = () => said(this, view, wanted, [endText(this, view)])
  return { pass: view.status === 'completed' && fits, message }
}

/** Whether the run has failed; with this error, if one is given. */
export function toHaveFailed(this: Matching, run: unknown, ...error: unknown[]): Matched {
  const view = viewOf(run, 'toHaveFailed')
  const fits = error.length === 0 || isError(this, view.error, error[0])
  const wanted = `have failed${error.length === 0 ? '' : ` with ${text(this, error[0])}`}`
  const message = () => said(this, view, wanted, [endText(this, view)])
  return { pass: view.status === 'failed' && fits, message }
}

/** Whether the run was skipped; for this reason, if one is given. */
export function toHaveBeenSkipped(this: Matching, run: unknown, reason?: SkipReason): Matched {
  const view = viewOf(run, 'toHaveBeenSkipped')
  const fits = reason === undefined || view.reason === reason
  const wanted = `have been skipped${reason === undefined ? '' : ` for ${text(this, reason)}`}`
  const by = view.by === undefined ? [] : [`run ${view.by} stands in its place`]
  const message = () => said(this, view, wanted, [endText(this, view), ...by])
  return { pass: view.status === 'skipped' && fits, message }
}

/** Whether the run has come to a step of this id, and the step to this. */
export function toHaveStep(
  this: Matching,
  run: unknown,
  id: string,
  expected: ExpectedStep = {},
): Matched {
  const view = viewOf(run, 'toHaveStep')
  const step = view.step(id)
  const wrong = step === undefined ? [] : faults(this, step, expected)
  const facts = Object.entries(expected).map(([fact, value]) => `${fact} ${text(this, value)}`)
  const wanted = `have step '${id}'${facts.length === 0 ? '' : ` with ${facts.join(', ')}`}`
  const ids = view.steps.map(step => step.id)
  const none = ids.length === 0 ? 'it has no steps' : `its steps: ${ids.join(', ')}`
  const message = () => said(this, view, wanted, step === undefined ? [none] : wrong)
  return { pass: step !== undefined && wrong.length === 0, message }
}

/** Whether these lines are in the run's timeline in this order; with `exact`, and no others. */
export function toMatchTimeline(
  this: Matching,
  run: unknown,
  patterns: readonly Pattern[],
  { exact = false }: { readonly exact?: boolean } = {},
): Matched {
  const { id, workflow, timeline } = viewOf(run, 'toMatchTimeline')
  const { found, missing } = subsequence(timeline, patterns, exact)
  const next = found.length === 0 ? 0 : (found.at(-1) ?? 0) + 1
  const extra = exact && missing === undefined ? timeline[next] : undefined
  const message = (): string => {
    const lead = `expected the timeline of run ${id} of '${workflow}'`
    const wanted = `${this.isNot ? 'not ' : ''}to ${exact ? 'be' : 'contain'} these lines`
    const after = found.length === 0 ? '' : ` after '${timeline[next - 1]}'`
    const why =
      (missing !== undefined && [`  missing${after}: ${patternText(patterns[missing])}`]) ||
      (extra !== undefined && [`  not expected${after}: '${extra}'`]) ||
      []
    return [`${lead} ${wanted}`, ...why, '', ...excerpt(timeline, next, found)].join('\n')
  }
  return { pass: missing === undefined && extra === undefined, message }
}

function viewOf(run: unknown, matcher: string): RunView {
  const isView = typeof run === 'object' && run !== null && 'timeline' in run && 'steps' in run
  if (isView) return run as RunView
  const what = run instanceof Promise ? 'a promise; await it' : `of type ${typeof run}`
  throw new TypeError(`${matcher} is about a run of testEngine(); what was given is ${what}.`)
}

const same = ({ equals, utils, customTesters }: Matching, a: unknown, b: unknown): boolean =>
  equals(a, b, [...customTesters, utils.iterableEquality])

/** A part of its message, a pattern of it, its class, or what it equals. */
function isError(matching: Matching, error: unknown, expected: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error)
  if (typeof expected === 'string') return message.includes(expected)
  if (expected instanceof RegExp) return matches(message, expected)
  if (typeof expected !== 'function') return same(matching, error, expected)
  // Of the user's own classes only the name is recorded.
  return error instanceof Error && (error instanceof expected || error.name === expected.name)
}

function faults(matching: Matching, step: StepView, expected: ExpectedStep): string[] {
  const wrong: string[] = []
  for (const [fact, value] of Object.entries(expected)) {
    const actual: unknown = Reflect.get(step, fact)
    const fits = fact === 'error' ? isError(matching, actual, value) : same(matching, actual, value)
    if (!fits) wrong.push(`${fact}: ${text(matching, actual)}`)
  }
  return wrong
}

function endText(matching: Matching, { status, output, error, reason, continuedAs }: RunView) {
  if (continuedAs !== undefined) return `it goes on as ${continuedAs}`
  if (status === 'completed') return `it has completed with ${text(matching, output)}`
  if (status === 'failed') return `it has failed with ${text(matching, error)}`
  return `it is ${status}${reason ? `: ${reason}` : ''}`
}

function said(matching: Matching, run: RunView, wanted: string, facts: readonly string[]): string {
  const not = matching.isNot ? 'not ' : ''
  const lead = `expected run ${run.id} of '${run.workflow}' ${not}to ${wanted}`
  const lines = facts.map(fact => `  ${fact}`)
  return [lead, ...lines, '', ...excerpt(run.timeline)].join('\n')
}

const patternText = (pattern: Pattern | undefined): string =>
  typeof pattern === 'string' ? `'${pattern}'` : String(pattern)

const LONGEST = 300

function text({ utils }: Matching, value: unknown): string {
  const told = utils.stringify(value, 4, { min: true })
  return told.length <= LONGEST ? told : `${told.slice(0, LONGEST - 1)}…`
}
