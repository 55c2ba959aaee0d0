import { decodeValue } from '../../journal/codec/decode.ts'
import { toTaggedJson } from '../../journal/codec/json.ts'
import type { Listener } from '../../journal/entry.ts'
import { KEYS, readsSecret } from '../inspect/secret-path.ts'
import { REDACTED, type Secrets } from '../inspect/secrets.ts'
import { jsonText } from './value-text.ts'

type Masks = Pick<Secrets, 'mask'>

const MOST = 80

/**
 * What must hold of an event, as its author would write it: literals stand in their places, masked
 * where the path that they are compared with is one of a secret. Absent: nothing.
 */
export function conditionText(listener: Listener, secrets: Masks): string | undefined {
  const values = shownLiterals(listener, secrets)
  return listener.program?.replace(LITERAL, (_, at: string) => jsonText(values[Number(at)], MOST))
}

/** The literals of a condition as tagged JSON, masked where they are compared with a secret. */
export function shownLiterals(
  { event, program = '', literals }: Listener,
  secrets: Masks,
): readonly unknown[] {
  const values = literals === undefined ? [] : (decodeValue(literals) as unknown[])
  const isHidden = hiding(keyed(program, values), secrets, [event])
  return values.map((value, at) =>
    isHidden(`literals[${at}]`) ? REDACTED : secrets.mask(toTaggedJson(value), [event]),
  )
}

/** With the keys that are literals. */
const keyed = (program: string, values: readonly unknown[]): string =>
  program.replace(/\[literals\[(\d+)\]\]/g, (_, at: string) => {
    const key = values[Number(at)]
    return typeof key === 'string' ? `[${JSON.stringify(key)}]` : `[${Number(key) || 0}]`
  })

/**
 * Which literals not to show. Beside a secret, only those that are compared with something else: what
 * the others are for, a text does not tell.
 */
function hiding(
  program: string,
  secrets: Masks,
  of: readonly string[],
): (literal: string) => boolean {
  const isAnySecret = readsSecret(program, secrets, of)
  const plain = new Set<string>()
  for (const [, path = '', compared = ''] of program.matchAll(COMPARED)) {
    if (readsSecret(path, secrets, of)) continue
    for (const [name] of compared.matchAll(LITERAL)) plain.add(name)
  }
  return literal => isAnySecret && !plain.has(literal)
}

const LITERAL = /\bliterals\[(\d+)\]/g
const ONE = String.raw`literals\[\d+\]`
/** With one literal, or with a list of them. */
const COMPARED = new RegExp(
  String.raw`\b(async${KEYS}+) (?:[!=<>]=?|in) (${ONE}|\[${ONE}(?:, ${ONE})*\])`,
  'g',
)
