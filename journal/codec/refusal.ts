import { types } from 'node:util'
import { JournalError } from '../error.ts'

/** One step from an object to what it holds: an index, a property, or an expression like `get("k")`. */
export type PathStep = number | string | { readonly expression: string }

/** The error for a leaf that no byte can say. `what` names it: `class Pool`, `function foo`. */
export function unstorable(steps: readonly PathStep[], what: string, cause?: unknown) {
  const path = pathText(steps)
  return new JournalError('VALUE_UNSTORABLE', `Cannot store ${path}: it is ${what}.`, {
    hint:
      'Pass plain data: JSON values, Date, Map, Set, BigInt, RegExp, URL, bytes, Error. ' +
      'Take what you need out of other objects first.',
    facts: { path, what },
    cause,
  })
}

export function tooLarge(size: number, limit: number) {
  return new JournalError(
    'VALUE_TOO_LARGE',
    `The value takes ${size} bytes or more, ${limit} fit.`,
    {
      hint: 'Store the data elsewhere and pass a reference to it, or raise the limit.',
      facts: { size, limit },
    },
  )
}

export function tooDeep(steps: readonly PathStep[], limit: number) {
  const path = pathText(steps)
  return new JournalError('VALUE_TOO_LARGE', `Objects nest deeper than ${limit} at ${path}.`, {
    hint: 'Flatten the value, for instance a linked list into an array, or raise the limit.',
    facts: { path, size: steps.length + 1, limit },
  })
}

/** Names a value that is not storable: `function foo`, `symbol`, `Promise`, `class Pool`, ... */
export function whatIs(value: unknown): string {
  if (typeof value === 'symbol') return 'symbol'
  if (typeof value === 'function') return `function ${ownName(value) || '(anonymous)'}`
  if (typeof value !== 'object' || value === null) return typeof value
  if (types.isProxy(value)) return 'Proxy'
  if (types.isBoxedPrimitive(value))
    return `boxed ${Object.prototype.toString.call(value).slice(8, -1)}`
  const maker: unknown = Object.getPrototypeOf(value)?.constructor
  if (typeof maker !== 'function') return 'object with a prototype of its own'
  const name = ownName(maker)
  if (Reflect.get(globalThis, name) === maker) return name
  if (name === 'Object' || name === 'Array') return `${name} of another realm`
  return `class ${name || '(anonymous)'}`
}

function ownName(maker: object): string {
  const name: unknown = Object.getOwnPropertyDescriptor(maker, 'name')?.value
  return typeof name === 'string' ? name : ''
}

function pathText(steps: readonly PathStep[]): string {
  let text = '$'
  for (const step of steps) {
    if (typeof step === 'number') text += `[${step}]`
    else if (typeof step === 'object') text += `.${step.expression}`
    else
      text += /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step) ? `.${step}` : `[${quoted(step)}]`
  }
  return text
}

/** A map's key as it reads in `get(...)`. */
export function keyText(key: unknown): string {
  if (typeof key === 'string') return quoted(key)
  if (typeof key === 'bigint') return `${key}n`
  if (typeof key === 'object' && key !== null) return whatIs(key)
  return Object.is(key, -0) ? '-0' : String(key)
}

const quoted = (text: string): string =>
  JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text)
