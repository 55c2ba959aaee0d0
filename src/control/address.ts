import { createHash } from 'node:crypto'
import { mkdir, stat } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join, parse } from 'node:path'

/*
 * Where the owner of a directory is asked, with permissions for its user only:
 *
 *   Windows   \\.\pipe\perdure-control- digest
 *   others    <directory>/control.sock
 *   others    $TMPDIR/perdure- uid /control- digest .sock     where that is too long for a socket
 *
 * An owner that begins to listen does so beside it, at c pid .new or c pid - digest .new, pid to the
 * base 36, and takes its name then.
 *
 *   digest = first 16 hex digits of SHA-256 of the real path of the directory
 */

/** Some systems allow 104 bytes with the zero at the end, none allows fewer. */
const LONGEST = 103

/** The address for a directory, by its real path. */
export function controlAddress(directory: string, platform = process.platform): string {
  const digest = createHash('sha256').update(directory).digest('hex').slice(0, 16)
  if (platform === 'win32') return `\\\\.\\pipe\\perdure-control-${digest}`
  const own = join(directory, 'control.sock')
  if (Buffer.byteLength(own) <= LONGEST) return own
  return join(privateFolder(), `control-${digest}.sock`)
}

/** Another one beside it, no longer, for an owner that is not there yet. */
export function addressBeside(address: string): string {
  const { dir, name } = parse(address)
  const own = `c${process.pid.toString(36)}`
  return join(dir, `${name.replace('control', own)}.new`)
}

/** Makes the folder of an address, where it is not the journal's own. False: it is not private. */
export async function makePrivate(address: string): Promise<boolean> {
  if (!address.startsWith(privateFolder())) return true
  await mkdir(privateFolder(), { recursive: true, mode: 0o700 })
  const { uid, mode } = await stat(privateFolder())
  return uid === userInfo().uid && (mode & 0o077) === 0
}

const privateFolder = (): string => join(tmpdir(), `perdure-${userInfo().uid}`)
