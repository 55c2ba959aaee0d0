import { existsSync } from 'node:fs'
import { JournalError } from '../../journal/error.ts'
import { findDirectory } from '../../journal/leveldb/directory.ts'
import { controlAddress } from './address.ts'
import type { ControlClient } from './client.ts'
import { PROTOCOL } from './protocol.ts'

/**
 * Connects to the owner of a directory; `undefined`: nobody has it. Throws JOURNAL_BUSY and
 * JOURNAL_UNUSABLE.
 */
export async function dialOwner(directory: string): Promise<ControlClient | undefined> {
  const { path } = await found(directory)
  const address = controlAddress(path)
  // Most who look in find nobody there, and need not load what speaks with somebody.
  if (process.platform !== 'win32' && !existsSync(address)) return undefined
  const { dial } = await import('./client.ts')
  const client = await dial(address)
  if (client === undefined) return undefined
  const { protocol, version } = client.hello
  if (protocol === PROTOCOL) return client
  client.close()
  throw new JournalError('JOURNAL_BUSY', `The engine speaks protocol ${protocol}.`, {
    hint: `It is of release ${version}: use the command of that release, or read a copy.`,
    facts: { protocol, version, known: PROTOCOL },
  })
}

async function found(directory: string): ReturnType<typeof findDirectory> {
  try {
    return await findDirectory(directory)
  } catch (cause) {
    throw new JournalError('JOURNAL_UNUSABLE', `${directory} cannot be read.`, {
      hint: 'Name the directory of a journal.',
      facts: { directory },
      cause,
    })
  }
}
