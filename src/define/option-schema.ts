import * as z from 'zod'
import { givenText } from './given-text.ts'

/**
 * An object with these options and no others. The messages of the schemas in it say what fits, as
 * a noun; so does `noun` of the object. `optionFaults` makes sentences of them.
 */
export const optionSchema = <Shape extends z.core.$ZodLooseShape>(noun: string, shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? `options here are ${Object.keys(shape).join(', ')}` : noun,
  })

/** A whole number from `min` on. */
export const countSchema = (min: number, max = Number.MAX_SAFE_INTEGER) => {
  const most = max === Number.MAX_SAFE_INTEGER ? ' or more' : ` to ${grouped(max)}`
  const noun = `a whole number ${most === ' or more' ? 'of' : 'from'} ${min}${most}`
  return z.int(noun).min(min, noun).max(max, noun)
}

// `toLocaleString` costs whoever imports this the 20 ms in which Intl comes up.
const grouped = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')

/** One of these texts. */
export const choiceSchema = <const Choice extends string>(choices: readonly Choice[]) =>
  z.enum(choices, choices.map(choice => `'${choice}'`).join(' or '))

const ID = 'an id of 1 to 128 letters, digits, "_", ".", "/" or "-"'
export const idSchema = z.string(ID).regex(/^[\w./-]{1,128}$/, ID)

export const functionSchema = z.custom(value => typeof value === 'function', 'a function')

/** Something with these methods. */
export const methodsSchema = (noun: string, methods: readonly string[]) =>
  z.custom(value => missing(value, methods) === undefined, {
    error: ({ input }) => `${noun}: its method ${missing(input, methods)}() is missing`,
  })

function missing(value: unknown, methods: readonly string[]): string | undefined {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') {
    return methods[0]
  }
  return methods.find(method => typeof Reflect.get(value, method) !== 'function')
}

/** What is wrong with options: for each the path, what was given, and what fits there. */
export function optionFaults(schema: z.ZodType, options: unknown): readonly string[] {
  const { error } = schema.safeParse(options, { reportInput: true })
  return error?.issues.flatMap(issue => faults(issue, [])) ?? []
}

function faults(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): readonly string[] {
  const path = [...above, ...issue.path]
  if (issue.code === 'invalid_union') {
    // The alternative that is meant is the one that fits as far as its parts.
    const meant = issue.errors.find(issues => issues.some(isInside))
    if (meant !== undefined) return meant.flatMap(each => faults(each, path))
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => `${at([...path, key])}there is no such option, ${issue.message}`)
  }
  return [
    issue.input === undefined
      ? `${at(path)}it is missing, give ${issue.message}`
      : `${at(path)}${givenText(issue.input)} is not ${issue.message}`,
  ]
}

const isInside = ({ path, code }: z.core.$ZodIssue): boolean =>
  path.length > 0 || code === 'unrecognized_keys'

const at = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? '' : `${path.map(String).join('.')}: `
