import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FaultySubject, OpenFaulty } from './fault-subject.ts'
import { Remote } from './remote.ts'
import { syncFaults } from './sync-fault.ts'

/** LevelDB, on a directory whose disk is made to fail. `child`: the bundled program that opens it. */
export const openFaultyLevel =
  (child: string): OpenFaulty =>
  async (durability): Promise<FaultySubject> => {
    const dir = await mkdtemp(join(tmpdir(), 'perdure-faulty-'))
    const beside = await mkdtemp(join(tmpdir(), 'perdure-faults-'))
    const faults = durability === 'fsync' ? syncFaults(beside) : undefined
    let remote: Remote | undefined
    const living = (): Remote => {
      remote ??= new Remote(child, [dir, durability], faults)
      return remote
    }
    const tell = async (kind: 'fill' | 'empty' | 'fail-sync'): Promise<void> => {
      await living().ask({ kind })
    }
    const kill = async (): Promise<void> => {
      await remote?.kill()
      remote = undefined
    }
    return {
      open: () => living().store('open'),
      seize: () => living().store('seize'),
      kill,
      ...(hasLimits() && { space: { fill: () => tell('fill'), empty: () => tell('empty') } }),
      ...(faults !== undefined && { failSync: () => tell('fail-sync') }),
      async cutPower(share) {
        await kill()
        // No file is shorter than what was synced, and with 'os' nothing was: any length may be left.
        for (const log of await filesOf(dir, '.log')) {
          await truncate(log, Math.floor((await readFile(log)).length * share))
        }
      },
      async rot(key, value) {
        // Opening writes the log into a table; the value is long and random, so it lies there as it is.
        const store = await living().store('open')
        await store.close()
        await kill()
        for (const table of await filesOf(dir, '.ldb')) {
          const bytes = await readFile(table)
          const at = bytes.indexOf(value)
          if (at < 0) continue
          bytes[at + 7] = (bytes[at + 7] ?? 0) ^ 4
          return writeFile(table, bytes)
        }
        throw new Error(`${key} is in no table`)
      },
      async remove() {
        await kill()
        await rm(dir, { recursive: true, force: true })
        await rm(beside, { recursive: true, force: true })
      },
    }
  }

const filesOf = async (dir: string, ending: string): Promise<string[]> =>
  (await readdir(dir)).filter(name => name.endsWith(ending)).map(name => join(dir, name))

function hasLimits(): boolean {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' })
    return process.platform === 'linux'
  } catch {
    return false
  }
}
