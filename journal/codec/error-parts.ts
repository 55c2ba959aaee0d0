import { HIDDEN_FIELDS } from './tags.ts'

type Field = readonly [key: string, value: unknown]

/** What is stored of an error. */
interface ErrorParts {
  /** The built-in class it is, or the nearest one it extends. */
  readonly name: string
  /** Not enumerable ones of name, message, stack, cause and errors. */
  readonly hidden: readonly Field[]
  /** The keys of its own enumerable properties that are strings. */
  readonly fields: readonly string[]
}

/**
 * Takes an error apart. An error of a class of the user's keeps its name: the `name` it has, or the
 * name of its class where it only inherits the name of a built-in one.
 */
export function errorParts(error: Error): ErrorParts {
  const base = baseOf(error)
  const hidden: Field[] = []
  for (const key of HIDDEN_FIELDS) {
    const own = Object.getOwnPropertyDescriptor(error, key)
    if (own !== undefined) {
      if (!own.enumerable) hidden.push([key, Reflect.get(error, key)])
    } else if (base === 'DOMException' && (key === 'name' || key === 'message')) {
      hidden.push([key, error[key]])
    } else if (key === 'name') {
      const name = inheritedName(error, base)
      if (name !== undefined) hidden.push([key, name])
    }
  }
  return { name: base, hidden, fields: Object.keys(error) }
}

/** An empty error of a built-in class, without any own property. Undefined: no such class. */
export function blankError(base: string, message: string, name: string): Error | undefined {
  const Maker = builtIn(base)
  if (Maker === undefined) return undefined
  const error = base === 'DOMException' ? new DOMException(message, name) : new Maker([])
  for (const key of Reflect.ownKeys(error)) Reflect.deleteProperty(error, key)
  return error
}

function baseOf(error: Error): string {
  for (let at: unknown = error; at instanceof Object; at = Object.getPrototypeOf(at)) {
    const found = BUILT_IN.find(name => builtIn(name)?.prototype === at)
    if (found !== undefined) return found
  }
  return 'Error'
}

function inheritedName(error: Error, base: string): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(error)
  if (prototype === builtIn(base)?.prototype || !(prototype instanceof Object)) return undefined
  const { name } = error
  if (typeof name === 'string' && name !== builtIn(base)?.prototype.name) return name
  const className: unknown = prototype.constructor?.name
  return typeof className === 'string' && className !== '' && className !== base
    ? className
    : undefined
}

const BUILT_IN = [
  'Error',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  'EvalError',
  'URIError',
  'AggregateError',
  'DOMException',
] as const

interface ErrorMaker {
  readonly prototype: Error
  new (errors: never[]): Error
}

function builtIn(name: string): ErrorMaker | undefined {
  if (!BUILT_IN.some(known => known === name)) return undefined
  const maker: unknown = Reflect.get(globalThis, name)
  return isErrorMaker(maker) ? maker : undefined
}

const isErrorMaker = (maker: unknown): maker is ErrorMaker => typeof maker === 'function'
