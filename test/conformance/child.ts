import { execFileSync } from 'node:child_process'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Level } from 'level'
import { JournalError } from '../../journal/error.ts'
import { LevelStore } from '../../journal/level-store.ts'
import { Fence } from '../../journal/leveldb/fence.ts'
import { acquireOwnership } from '../../journal/leveldb/owner.ts'
import { type Answer, bytesOf, type Request, textOf } from './remote.ts'
import { EVERYTHING, write } from './rows.ts'

/*
 * LevelDB in a process of its own, which can be killed and whose disk can fail. It opens a directory
 * as `openDirectory` does, without the checks that come before, and does what it is told, line by
 * line, each time on the store named by its number.
 */

const [dir = '', durability = 'fsync'] = process.argv.slice(2)
const ENCODINGS = { keyEncoding: 'utf8', valueEncoding: 'view' } as const
const stores: LevelStore[] = []

// A write past the limit fails instead of ending the process.
process.on('SIGXFSZ', () => {})

async function open(path: string, release: () => Promise<void>): Promise<number> {
  const db = new Level<string, Uint8Array>(path, ENCODINGS)
  await db.open()
  const fence = new Fence(dir)
  const mustBeOurs = (): void => {
    const facts = fence.check()
    if (facts !== undefined) throw new JournalError('JOURNAL_FENCED', 'fenced', { hint: '', facts })
  }
  const sync = durability === 'fsync'
  return stores.push(new LevelStore({ place: dir, db, sync, fence: mustBeOurs, release })) - 1
}

async function acquire(): Promise<number> {
  const self = { pid: process.pid, host: 'here', command: 'conformance', since: 0, thread: 0 }
  const ownership = await acquireOwnership(dir, self)
  return open(ownership.path, () => ownership.release())
}

async function answer(request: Request): Promise<Answer> {
  const store = stores[request.store ?? 0]
  switch (request.kind) {
    case 'open':
      return { store: await acquire() }
    case 'seize':
      return { store: await open(`${dir}/.`, async () => {}) }
    case 'write':
      await write(
        store as LevelStore,
        request.rows.map(([key, value]) => [key, value === null ? null : bytesOf(value)] as const),
      )
      return {}
    case 'get': {
      const value = await store?.get(request.key)
      return value === undefined ? {} : { rows: [[request.key, textOf(value)]] }
    }
    case 'scan': {
      const rows: [string, string][] = []
      for await (const chunk of store?.scan(request.range ?? EVERYTHING, request.options) ?? []) {
        for (const [key, value] of chunk) rows.push([key, textOf(value)])
      }
      return { rows }
    }
    case 'close':
      await store?.close()
      return {}
    case 'fill':
      limit(`${logBytes() + 20}:`)
      return {}
    case 'empty':
      limit('unlimited:')
      return {}
    case 'fail-sync':
      writeFileSync(process.env.PERDURE_SYNC_FAULT ?? '', '')
      return {}
    default:
      return request satisfies never
  }
}

function logBytes(): number {
  const logs = readdirSync(dir).filter(name => name.endsWith('.log'))
  return Math.max(...logs.map(name => statSync(join(dir, name)).size))
}

// A limit on the size of files stands in for a full disk: the same short write, EFBIG for ENOSPC.
const limit = (bytes: string): unknown =>
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}`])

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request
  answer(request)
    .catch((error: Error) => ({
      failure: { code: 'code' in error ? String(error.code) : '', message: error.message },
    }))
    .then(outcome => process.stdout.write(`${JSON.stringify({ ...outcome, n: request.n })}\n`))
}
