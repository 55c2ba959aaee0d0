import * as z from 'zod'
import { parseDuration } from '../define/duration.ts'
import { EngineError } from '../define/error.ts'
import { isArbitrary } from './arbitrary.ts'
import type { Spec } from './spec.ts'

const isFunction = (value: unknown): boolean => typeof value === 'function'
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const aFunction = z.custom(isFunction, 'not a function')
const workflows = z.union(
  [z.array(z.custom(isWorkflow, 'not a workflow')).min(1, 'there is none'), z.custom(isFunction)],
  { error: 'not a list of workflows, and not a function that makes one' },
)
const outcome = z.custom(
  isOutcome,
  `not 'ok', 'error', 'transient', 'fatal', 'lost', 'hang', an Error or { value }`,
)
const step = z.strictObject({
  run: aFunction.optional(),
  outcomes: z.array(outcome).min(1, 'there is none').optional(),
  delay: z.custom(isDelay, 'not a duration, and not the shortest and the longest').optional(),
})
const looks = z.record(z.string(), aFunction)
const count = z.int().min(0)

const faults = z.strictObject({
  crashes: count.optional(),
  writes: count.optional(),
  cancels: count.optional(),
  clock: z.array(z.custom(isJump, `not a duration, one with a minus, or 'frozen'`)).optional(),
  upgrade: workflows.optional(),
})

const specSchema = z.strictObject({
  workflows,
  world: aFunction.optional(),
  starts: z
    .array(
      z.strictObject({
        workflow: z.custom(name => typeof name === 'string' || isWorkflow(name), 'not a workflow'),
        data: z.unknown().optional(),
        id: z.string().min(1).optional(),
      }),
    )
    .optional(),
  steps: z.record(z.string(), z.custom(isFunction).or(step)).optional(),
  events: z.array(z.custom(isMade, 'not an event').or(comingSchema())).optional(),
  signals: z
    .array(
      z.strictObject({
        signal: z.string().min(1),
        data: z.unknown().optional(),
        repeats: count.optional(),
        optional: z.boolean().optional(),
      }),
    )
    .optional(),
  faults: faults.optional(),
  properties: z
    .strictObject({
      always: looks.optional(),
      never: looks.optional(),
      eventually: looks.optional(),
      sometimes: looks.optional(),
      completed: looks.optional(),
      failed: looks.optional(),
      cancelled: looks.optional(),
    })
    .optional(),
  crashTransparent: z.boolean().or(z.custom(isFunction)).optional(),
})

const optionsSchema = z.strictObject({
  seed: z.int().optional(),
  schedules: z.int().min(1).optional(),
  ms: z.number().min(0).optional(),
  moves: z.int().min(1).optional(),
  shrinkMs: z.number().min(0).optional(),
  regressions: z.string().min(1).or(z.literal(false)).optional(),
  name: z.string().min(1).optional(),
})

/** Throws DEFINITION_INVALID, naming the place in the spec. */
export function mustBeSpec<World>(spec: Spec<World>): void {
  mustFit(specSchema, spec, 'spec')
}

/** Throws DEFINITION_INVALID, naming the option. */
export function mustBeOptions(options: object): void {
  mustFit(optionsSchema, options, 'options')
}

export const invalidSpec = (place: string, reason: string): EngineError =>
  new EngineError('DEFINITION_INVALID', `The spec is not valid. ${place}: ${reason}`, {
    hint: 'Correct the named part of the spec.',
    facts: { place, reason },
  })

function mustFit(schema: z.ZodType, value: unknown, what: 'spec' | 'options'): void {
  const parsed = schema.safeParse(value)
  if (parsed.success) return
  const issues = parsed.error.issues.map(issue => {
    const [path, message] = deepest(issue)
    return `${path.join('.') || what}: ${message}`
  })
  const subject = what === 'spec' ? 'The spec is' : 'The options are'
  throw new EngineError('DEFINITION_INVALID', `${subject} not valid. ${issues.join('; ')}`, {
    hint: `Correct the named part of the ${what}.`,
    facts: { issues },
  })
}

/** Of the forms something may have, what is wrong with the one that it comes closest to. */
function deepest(issue: z.core.$ZodIssue): [readonly PropertyKey[], string] {
  const forms = issue.code === 'invalid_union' ? issue.errors : []
  const inner = forms.flat().filter(({ code, path }) => code !== 'custom' || path.length > 0)
  const [first] = inner
  if (first === undefined || issue.message !== 'Invalid input') return [issue.path, issue.message]
  const [path, message] = deepest(first)
  return [[...issue.path, ...path], message]
}

function isWorkflow(value: unknown): boolean {
  return isObject(value) && 'id' in value && 'code' in value && isFunction(value.code)
}

function isMade(value: unknown): boolean {
  return isObject(value) && 'name' in value && typeof value.name === 'string'
}

function comingSchema() {
  return z.strictObject({
    event: z.custom(value => isMade(value) || isArbitrary(value), 'not an event or an arbitrary'),
    repeats: count.optional(),
    optional: z.boolean().optional(),
  })
}

function isOutcome(value: unknown): boolean {
  if (value instanceof Error) return true
  if (isObject(value)) return 'value' in value && Object.keys(value).length === 1
  return ['ok', 'error', 'transient', 'fatal', 'lost', 'hang'].includes(String(value))
}

function isDuration(value: unknown): boolean {
  try {
    parseDuration(value as string)
    return typeof value === 'string' || typeof value === 'number'
  } catch {
    return false
  }
}

function isDelay(value: unknown): boolean {
  if (!Array.isArray(value)) return isDuration(value)
  if (value.length !== 2 || !value.every(isDuration)) return false
  const [least, most] = value.map(each => parseDuration(each))
  return Number(least) <= Number(most)
}

function isJump(value: unknown): boolean {
  if (value === 'frozen' || isDuration(value)) return true
  return typeof value === 'string' && value.startsWith('-') && isDuration(value.slice(1))
}
