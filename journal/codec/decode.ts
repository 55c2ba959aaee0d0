import { JournalError } from '../error.ts'
import { assemble } from './assemble.ts'
import { guardMsgpack } from './msgpack-guard.ts'
import { unpackBehind } from './packer.ts'
import { Form } from './tags.ts'

/**
 * The value of these bytes, made anew: it shares nothing with the bytes or with other decodings.
 * A view owns its memory, a Buffer comes back as a Buffer.
 *
 * Safe on bytes from anywhere: throws `JOURNAL_CORRUPT`, and nothing else, if they are no value.
 */
export function decodeValue(bytes: Uint8Array): unknown {
  if (bytes[0] === Form.undefined && bytes.length > 1) {
    throw corrupt(new Error('bytes follow the value'))
  }
  if (bytes[0] !== Form.undefined) guardMsgpack(bytes, 1, bytes[0] === Form.tagged)
  return decodeWritten(bytes)
}

/** `decodeValue` for bytes that `encodeValue` has just returned: they need no guard. */
export function decodeWritten(bytes: Uint8Array): unknown {
  const form = bytes[0]
  if (form === Form.undefined) return undefined
  try {
    if (form === Form.plain) return unpackBehind(1, bytes)
    if (form === Form.tagged) return assemble(unpackBehind(1, bytes))
  } catch (error) {
    throw corrupt(error)
  }
  throw corrupt(new Error(form === undefined ? 'there are none' : `form ${form} is unknown`))
}

function corrupt(cause: unknown): JournalError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new JournalError('JOURNAL_CORRUPT', `These bytes are no stored value: ${why}.`, {
    hint: 'Run `perdure verify` on the directory; restore it from a copy if the damage is on disk.',
    cause,
  })
}
