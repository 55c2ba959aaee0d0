import { encodeValue } from '../../journal/codec/encode.ts'
import type { ValueLimits } from '../../journal/codec/limits.ts'

/**
 * The bytes of whatever was thrown. An error must be recorded even if it drags something along
 * that cannot be stored (a socket, a request): then its name, message, stack, code and causes stay.
 */
export function encodeThrown(thrown: unknown, values: ValueLimits): Uint8Array {
  try {
    return encodeValue(thrown, values)
  } catch {
    return encodeReduced(thrown)
  }
}

// Whatever its getters and proxies do: that something was thrown is always recorded.
function encodeReduced(thrown: unknown): Uint8Array {
  try {
    return encodeValue(reduced(thrown, 0))
  } catch {
    return encodeValue(new Error('what was thrown cannot be recorded'))
  }
}

const DEEPEST_CAUSE = 5
const LONGEST = 16_384

function reduced(thrown: unknown, depth: number): Error {
  const error = new Error(short(thrown instanceof Error ? thrown.message : describe(thrown)))
  if (!(thrown instanceof Error)) return error
  const { code } = thrown as { code?: unknown }
  Object.defineProperty(error, 'name', { value: short(thrown.name), enumerable: false })
  Object.defineProperty(error, 'stack', { value: short(thrown.stack ?? ''), enumerable: false })
  if (typeof code === 'string' || typeof code === 'number') Object.assign(error, { code })
  if (thrown.cause !== undefined && depth < DEEPEST_CAUSE) {
    const cause = reduced(thrown.cause, depth + 1)
    Object.defineProperty(error, 'cause', { value: cause, enumerable: false })
  }
  return error
}

function describe(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return `something of type ${typeof thrown}`
  }
}

const short = (text: string): string => String(text).slice(0, LONGEST)
