import { valueText } from './value-text.ts'

/*
 * limit id = JSON text of [kind, owner, key text, value], all of them texts
 * owner    = the id of a workflow, or "*" for what workflows share
 * key text = the expression; "fn" for a function; "" where there is no key
 * value    = what `valueText` says of the value of the key; "" where there is no key
 */

const KINDS = [
  'run',
  'step',
  'throttle',
  'singleton',
  'rate',
  'idempotency',
  'debounce',
  'batch',
] as const

export type LimitKind = (typeof KINDS)[number]

/** One limit: what it counts, whose it is and for which value of its key. */
export interface LimitId {
  readonly kind: LimitKind
  readonly owner: string
  readonly keyText: string
  readonly value: string
}

/** The owner of what the workflows of an engine share. */
export const SHARED = '*'

export const limitId = ({ kind, owner, keyText, value }: LimitId): string =>
  JSON.stringify([kind, owner, keyText, value])

/** The kind of a limit. Asked many times a run, so nothing else is taken out of the id. */
export const kindOf = (id: string): string => id.slice(KIND_AT, id.indexOf('"', KIND_AT))

const KIND_AT = '["'.length

/** Undefined for what `limitId` does not write. */
export function parseLimitId(text: string): LimitId | undefined {
  const parts = parsed(text)
  if (!Array.isArray(parts) || parts.length !== 4) return undefined
  const [kind, owner, keyText, value] = parts as unknown[]
  const known = KINDS.find(each => each === kind)
  if (known === undefined || typeof owner !== 'string') return undefined
  if (typeof keyText !== 'string' || typeof value !== 'string') return undefined
  const id = { kind: known, owner, keyText, value }
  return limitId(id) === text ? id : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What stands for the value of a key that could not be evaluated. */
export const INVALID = valueText('<invalid>')
