import { decodeValue } from '../../journal/codec/decode.ts'
import type { Bytes } from '../../journal/entry.ts'

const DEEPEST = 5
const LONGEST = 20_000

/** A stored error, as far as it can be told. Anything may have been thrown. */
export interface Thrown {
  /** `TypeError: card reader is offline`. */
  readonly title: string
  /** Without its first lines, which say what the title does; empty if there is none. */
  readonly stack: string
  /** Of the error and of what caused it, the innermost first. */
  readonly stacks: readonly string[]
  /** Of a step that failed for good: which one. */
  readonly stepId?: string
  readonly causes: readonly string[]
}

export function thrownIn(bytes: Bytes): Thrown {
  const value = decodeValue(bytes)
  const chain = chainOf(value)
  const stacks = chain.map(stackOf).filter(stack => stack !== '')
  const stepId = value instanceof Error ? Reflect.get(value, 'stepId') : undefined
  return {
    title: titleOf(value),
    stack: stackOf(value),
    stacks: stacks.reverse(),
    ...(typeof stepId === 'string' && { stepId }),
    causes: chain.slice(1).map(titleOf),
  }
}

function chainOf(value: unknown): unknown[] {
  const chain = [value]
  for (let at = value; at instanceof Error && at.cause !== undefined; at = at.cause) {
    if (chain.length > DEEPEST || chain.includes(at.cause)) break
    chain.push(at.cause)
  }
  return chain
}

function titleOf(value: unknown): string {
  if (!(value instanceof Error))
    return typeof value === 'string' ? value : `a ${typeof value} was thrown`
  const [name, message] = [textOf(value.name), textOf(value.message)]
  return message === '' ? name : `${name}: ${message}`
}

function stackOf(value: unknown): string {
  if (!(value instanceof Error)) return ''
  const lines = textOf(value.stack).split('\n')
  return lines.filter(line => /^\s+at /.test(line)).join('\n')
}

// What is stored need not be what its name promises.
const textOf = (value: unknown): string =>
  typeof value === 'string' ? value.slice(0, LONGEST) : ''
