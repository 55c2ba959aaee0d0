import { decodeValue } from '../../journal/codec/decode.ts'
import { toTaggedJson } from '../../journal/codec/json.ts'
import type { Listener } from '../../journal/entry.ts'
import type { Secrets } from '../inspect/secrets.ts'
import { jsonText } from './value-text.ts'

const MOST = 80

/**
 * What must hold of an event, as its author would write it: literals stand in their places, masked
 * where the path that they are compared with is one of a secret. Absent: nothing.
 */
export function conditionText(
  { program, literals }: Listener,
  secrets: Pick<Secrets, 'mask'>,
): string | undefined {
  if (program === undefined) return undefined
  const values = literals === undefined ? [] : (decodeValue(literals) as unknown[])
  const isHidden = hiding(program, secrets)
  return program.replace(LITERAL, (name, at: string) =>
    isHidden(name)
      ? jsonText(REDACTED_TEXT)
      : jsonText(secrets.mask(toTaggedJson(values[Number(at)])), MOST),
  )
}

/**
 * Which literals not to show. Beside a secret, only those that are compared with something else: what
 * the others are for, a text does not tell.
 */
function hiding(program: string, secrets: Pick<Secrets, 'mask'>): (literal: string) => boolean {
  const isAnySecret = [...program.matchAll(PATH)].some(([path]) => isSecret(path, secrets))
  const plain = new Set<string>()
  for (const [, path = '', compared = ''] of program.matchAll(COMPARED)) {
    if (isSecret(path, secrets)) continue
    for (const [name] of compared.matchAll(LITERAL)) plain.add(name)
  }
  return literal => isAnySecret && !plain.has(literal)
}

const LITERAL = /\bliterals\[(\d+)\]/g
const KEYS = String.raw`(?:\.[A-Za-z_]\w*|\["(?:[^"\\]|\\.)*"\]|\[\d+\])+`
const PATH = new RegExp(String.raw`\basync${KEYS}`, 'g')
const ONE = String.raw`literals\[\d+\]`
/** With one literal, or with a list of them. */
const COMPARED = new RegExp(
  String.raw`\basync(${KEYS}) (?:[!=<>]=?|in) (${ONE}|\[${ONE}(?:, ${ONE})*\])`,
  'g',
)
const REDACTED_TEXT = '‹redacted›'

/** Whether a value at this path would be masked. */
export function isSecret(path: string, secrets: Pick<Secrets, 'mask'>): boolean {
  const keys = [
    ...path
      .replace(/^async\b/, '')
      .matchAll(/\.?([A-Za-z_]\w*)|\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]/g),
  ].map(([, plain, quoted, index]) => plain ?? quoted ?? index ?? '')
  return differs(keys, secrets)
}

function differs(keys: readonly string[], secrets: Pick<Secrets, 'mask'>): boolean {
  let probe: unknown = PROBE
  for (const key of [...keys].reverse()) probe = { [key]: probe }
  let masked = secrets.mask(probe)
  for (const key of keys) {
    if (typeof masked !== 'object' || masked === null) return true
    masked = Reflect.get(masked, key)
  }
  return masked !== PROBE
}

const PROBE = 0
