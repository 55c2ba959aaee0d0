import type { Entry } from '../../journal/entry.ts'
import { limitId, parseLimitId, SHARED } from '../admission/limit-id.ts'
import { REDACTED_KEY, readsSecret } from './secret-path.ts'
import type { Secrets } from './secrets.ts'

type Masks = Pick<Secrets, 'mask'>

/** The id of a limit without the value of its key, if that is a secret or holds one. */
export function maskedLimit(id: string, masks: Masks): string {
  const parts = parseLimitId(id)
  if (parts === undefined || parts.value === '') return id
  const of = parts.owner === SHARED ? undefined : [parts.owner]
  return limitId({ ...parts, value: maskedKey(parts.keyText, parts.value, masks, of) })
}

/** The value of the key of a limit; `text` is the expression that it was read by. */
export function maskedKey(
  text: string,
  value: string,
  masks: Masks,
  of?: readonly string[],
): string {
  if (readsSecret(text, masks, of)) return REDACTED_KEY
  const held = valueIn(value)
  if (typeof held !== 'object' || held === null) return value
  // Pairs of a map are a list: which of them are keys is not looked into.
  if (value.includes('{"$map":') && isMasking(masks)) return REDACTED_KEY
  const masked = JSON.stringify(masks.mask(held))
  return masked === JSON.stringify(held) ? value : masked
}

const isMasking = (masks: Masks): boolean =>
  JSON.stringify(masks.mask({ token: 0 })) !== '{"token":0}'

function valueIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An entry whose ids of limits are masked. */
export function withMaskedLimits<Any extends Entry>(entry: Any, masks: Masks): Any {
  const all = (ids: readonly string[]): readonly string[] => ids.map(id => maskedLimit(id, masks))
  switch (entry.type) {
    case 'slot.set':
      return { ...entry, holds: all(entry.holds) }
    case 'queue.set':
      return { ...entry, limits: all(entry.limits), holds: all(entry.holds) }
    case 'gather.set':
      return { ...entry, key: maskedLimit(entry.key, masks) }
    default:
      return entry
  }
}
