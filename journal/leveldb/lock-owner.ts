import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Which process has LevelDB's lock on a directory, as the system knows it: for a holder that cannot
 * answer for itself, because it is stopped or busy. `undefined` if nobody has it, or where the
 * system does not tell. The file is not opened: to close it would drop the lock, were it ours.
 */
export async function lockOwner(path: string): Promise<number | undefined> {
  try {
    const { ino } = await stat(join(path, 'LOCK'), { bigint: true })
    return ownerIn(await readFile('/proc/locks', 'utf8'), ino)
  } catch {
    // There is no such table but on Linux, and what it says is an extra.
    return undefined
  }
}

/** A line is `1: POSIX  ADVISORY  WRITE <pid> <major>:<minor>:<inode> <start> <end>`; numbers of devices vary. */
export function ownerIn(locks: string, inode: bigint): number | undefined {
  for (const line of locks.split('\n')) {
    const [, pid = '', found = ''] =
      /\bPOSIX\s+ADVISORY\s+WRITE\s+(\d+)\s+\S+:(\d+)\s/.exec(line) ?? []
    if (found === String(inode) && Number(pid) > 0) return Number(pid)
  }
  return undefined
}
