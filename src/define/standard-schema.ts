import type { StandardSchemaV1 } from '@standard-schema/spec'
import { EngineError } from './error.ts'
import { givenText } from './given-text.ts'
import { isObject } from './place.ts'

/** Some libraries make functions of their schemas. */
export function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject && '~standard' in value
}

export type SchemaResult = StandardSchemaV1.Result<unknown>

/** Whose data is validated, for the error. */
export interface Validating {
  /** Begins its message. */
  readonly what: string
  readonly hint: string
  readonly facts: Readonly<Record<string, unknown>>
}

/**
 * What `make` makes of the data as the schema parses it: at once, unless that takes its time. Throws
 * DATA_INVALID for data that does not fit; the same, with the cause, if it is the schema that fails.
 */
export function validated<Made>(
  schema: StandardSchemaV1,
  data: unknown,
  of: Validating,
  make: (value: unknown) => Made,
): Made | Promise<Made> {
  const read = (result: SchemaResult): Made => make(valueIn(result, of))
  const fail = (thrown: unknown): never => {
    throw thrown instanceof SchemaFailure ? failed(thrown, of) : thrown
  }
  try {
    const result = answerOf(schema, data)
    return result instanceof Promise ? result.then(read).catch(fail) : read(result)
  } catch (thrown) {
    return fail(thrown)
  }
}

/**
 * What the schema answers. A library may have promises of its own, whatever the standard says: one
 * taken for an answer would be data that is missing. Throws SchemaFailure for what is no answer.
 */
export function answerOf(
  schema: StandardSchemaV1,
  data: unknown,
): SchemaResult | Promise<SchemaResult> {
  const { vendor } = schema['~standard']
  const checked = (result: unknown): SchemaResult => {
    if (isObject(result) && (Array.isArray(Reflect.get(result, 'issues')) || isFit(result))) {
      return result as SchemaResult
    }
    throw new SchemaFailure(vendor, new TypeError(`${givenText(result)} is no result`))
  }
  const fail = (thrown: unknown): never => {
    throw thrown instanceof SchemaFailure ? thrown : new SchemaFailure(vendor, thrown)
  }
  try {
    const result: unknown = schema['~standard'].validate(data)
    if (!isObject(result) || !('then' in result)) return checked(result)
    return Promise.resolve(result).then(checked).catch(fail)
  } catch (thrown) {
    return fail(thrown)
  }
}

const isFit = (result: object): boolean =>
  'value' in result && Reflect.get(result, 'issues') === undefined

/** A schema that threw, or gave no answer. */
class SchemaFailure {
  readonly vendor: string
  readonly cause: unknown

  constructor(vendor: string, cause: unknown) {
    this.vendor = vendor
    this.cause = cause
  }
}

function valueIn(result: SchemaResult, { what, hint, facts }: Validating): unknown {
  if (result.issues === undefined) return result.value
  const issues = result.issues.map(({ message, path = [] }) => {
    const keys = path.map(part => String(typeof part === 'object' ? part.key : part))
    return { path: keys.join('.'), message }
  })
  const faults = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  throw new EngineError('DATA_INVALID', `${what} is not valid. ${faults.join('; ')}`, {
    hint,
    facts: { ...facts, issues },
  })
}

function failed({ vendor, cause }: SchemaFailure, { what, facts }: Validating): EngineError {
  const reason = cause instanceof Error ? cause.message : `${givenText(cause)} was thrown`
  const message = `${what} could not be validated: its schema (of ${vendor}) failed. ${reason}`
  return new EngineError('DATA_INVALID', message, {
    hint: 'Correct the schema: it is to return issues, and to throw nothing. The cause says what it threw.',
    facts: { ...facts, vendor, issues: [] },
    cause,
  })
}
