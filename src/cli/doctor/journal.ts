import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { PerdureError } from '../../../journal/error.ts'
import { connect } from '../../control/engine-client.ts'
import { packageVersion } from '../../control/version.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { journalPlace } from '../journal-dir.ts'
import type { Check } from '../records/doctor.ts'
import { withScratch } from '../scratch.ts'
import { UsageError } from '../usage.ts'

/** Below this, an engine may soon not be able to write. */
const LOW_BYTES = 100e6

/** The directory, who has it, and the room beside it. */
export async function journalChecks(globals: Globals, io: Io): Promise<readonly Check[]> {
  const found = placeOf(globals, io)
  if (typeof found !== 'string') return [found]
  const facts = await stat(found).catch((error: unknown) => error)
  if (!isStat(facts)) {
    const what = `${found} cannot be read: ${Object(facts).code}`
    return [{ name: 'directory', status: 'failed', what, fix: 'Name another: -d <path>' }]
  }
  if (!facts.isDirectory()) return [{ name: 'directory', status: 'ok', what: `${found} is a file` }]
  const bytes = await bytesIn(found)
  return [
    directoryCheck(found, facts, bytes, process.getuid?.()),
    await roomCheck('disk', found, LOW_BYTES, 'Make room: an engine that cannot write stops.'),
    await roomCheck('copies of it', io.scratch, bytes, 'Set TMPDIR to a disk with more room.'),
    await ownerCheck(found),
    ...(await endCheck(found, io)),
  ]
}

function placeOf(globals: Globals, io: Io): string | Check {
  try {
    const place = journalPlace(globals, io)
    return place === '-' ? { name: 'directory', status: 'ok', what: 'a dump from stdin' } : place
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { name: 'directory', status: 'warning', what: error.message, fix: error.hint }
  }
}

type Stat = Awaited<ReturnType<typeof stat>>

const isStat = (facts: unknown): facts is Stat =>
  typeof facts === 'object' && facts !== null && 'mode' in facts

export function directoryCheck(
  path: string,
  { mode, uid }: { readonly mode: number | bigint; readonly uid: number | bigint },
  bytes: number,
  self: number | undefined,
): Check {
  const name = 'directory'
  const rights = Number(mode) & 0o777
  const what = `${path}, ${sizeText(bytes)}, mode ${rights.toString(8).padStart(4, '0')}`
  if (self === undefined) return { name, status: 'ok', what: `${path}, ${sizeText(bytes)}` }
  if (Number(uid) !== self) {
    const owner = `${what}, of user ${uid}, and you are user ${self}`
    return { name, status: 'failed', what: owner, fix: `Run as its owner, or chown -R ${self} it.` }
  }
  if ((rights & 0o022) !== 0) {
    const others = `${what}: others may write, and no engine opens it`
    return { name, status: 'failed', what: others, fix: `chmod 700 ${path}` }
  }
  if ((rights & 0o077) !== 0) {
    return { name, status: 'warning', what: `${what}: others may read`, fix: `chmod 700 ${path}` }
  }
  return { name, status: 'ok', what }
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  const sizes = names.map(name =>
    stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** Kinds of file systems that are known to lose locks or what was synced. Magic numbers of Linux. */
const REMOTE: { readonly [type: number]: string } = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'CIFS',
  4266872130: 'SMB2',
  1702057286: 'FUSE',
}

async function roomCheck(name: string, path: string, least: number, fix: string): Promise<Check> {
  const facts = await statfs(path).catch(() => undefined)
  if (facts === undefined) return { name, status: 'warning', what: `${path} cannot be read`, fix }
  const free = facts.bavail * facts.bsize
  const remote = process.platform === 'linux' ? REMOTE[facts.type] : undefined
  const what = `${sizeText(free)} free in ${path}`
  if (free < least)
    return { name, status: 'failed', what: `${what}: less than ${sizeText(least)}`, fix }
  if (remote !== undefined && name === 'disk') {
    const told = `${what}, on ${remote}: locks and syncs may not hold`
    return { name, status: 'warning', what: told, fix: 'Keep a journal on a disk of this machine.' }
  }
  return { name, status: 'ok', what }
}

async function ownerCheck(path: string): Promise<Check> {
  const name = 'engine'
  try {
    const client = await connect(path)
    if (client === undefined) return { name, status: 'ok', what: 'none has it open' }
    const { pid, version } = client
    await client.close()
    const what = `process ${pid} answers, release ${version}`
    if (version === packageVersion()) return { name, status: 'ok', what }
    const fix = `This is ${packageVersion()}: use the command of that release.`
    return { name, status: 'warning', what, fix }
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error)
    return { name, status: 'failed', what, fix: 'See whether its process hangs or is stopped.' }
  }
}

/** Whether a copy opens, and has all that was acknowledged: an engine that runs has seen to it. */
async function endCheck(path: string, { scratch }: Io): Promise<readonly Check[]> {
  const name = 'journal'
  const fix = `perdure verify ${path} says more.`
  try {
    return await withScratch(scratch, async inside => {
      const { openReader } = await import('../../../journal/open-reader.ts')
      const { tip, holder, lostTail, close } = await openReader(path, {
        ...{ scratch: inside, leavesFiles: true },
      })
      await close()
      if (holder !== undefined) return []
      if (lostTail !== undefined) {
        return [{ name, status: 'failed', what: lostTail.message, fix }] as const
      }
      const what = `opens, and ends at commit ${tip?.commit ?? 0}`
      return [{ name, status: 'ok', what }] as const
    })
  } catch (error) {
    if (!(error instanceof PerdureError)) throw error
    return [{ name, status: 'failed', what: error.message, fix: error.hint }]
  }
}

function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const at = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  const shown = bytes / 1_000 ** at
  return `${shown >= 10 || at === 0 ? Math.round(shown) : shown.toFixed(1)} ${units[at]}`
}
