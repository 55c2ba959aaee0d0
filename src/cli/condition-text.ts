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
  const hidden = new Set<string>()
  // As text: a path of keys, compared with one literal or with a list of them.
  for (const [, path = '', compared = ''] of program.matchAll(COMPARED)) {
    const names = [...compared.matchAll(LITERAL)].map(([name]) => name)
    for (const name of names) if (isSecret(path, secrets)) hidden.add(name)
  }
  return program.replace(LITERAL, (name, at: string) =>
    hidden.has(name)
      ? jsonText(REDACTED_TEXT)
      : jsonText(secrets.mask(toTaggedJson(values[Number(at)])), MOST),
  )
}

const LITERAL = /\bliterals\[(\d+)\]/g
const COMPARED =
  /\basync((?:\.[A-Za-z_]\w*|\["(?:[^"\\]|\\.)*"\]|\[\d+\])+) (?:[!=<>]=?|in) (literals\[\d+\]|\[[^\]]*\](?:, literals\[\d+\])*\]?)/g
const REDACTED_TEXT = '‹redacted›'

/** Whether a value at this path would be masked. */
export function isSecret(path: string, secrets: Pick<Secrets, 'mask'>): boolean {
  const keys = [...path.matchAll(/\.?([A-Za-z_]\w*)|\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]/g)].map(
    ([, plain, quoted, index]) => plain ?? quoted ?? index ?? '',
  )
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
