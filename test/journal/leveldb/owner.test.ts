import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { basename, dirname, join, relative } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import type { JournalError } from '../../../journal/error.ts'
import { encodeHolder, type Holder } from '../../../journal/leveldb/holder.ts'
import { endpointOf, listen } from '../../../journal/leveldb/liveness.ts'
import { ownerIn } from '../../../journal/leveldb/lock-owner.ts'
import { acquireOwnership, askOwner, type Ownership } from '../../../journal/leveldb/owner.ts'
import { openInProcess, speakerFor } from './second-process.ts'
import { openStore, refusal, scratch } from './store.ts'

const dirs = scratch()
const self: Holder = {
  pid: process.pid,
  host: 'here',
  command: 'billing worker',
  since: Date.UTC(2030, 0, 2),
  thread: 0,
}

const held: Ownership[] = []
afterEach(async () => {
  for (const ownership of held.splice(0)) await ownership.release()
})

async function own(path: string, platform = process.platform): Promise<Ownership> {
  const ownership = await acquireOwnership(path, self, platform)
  held.push(ownership)
  return ownership
}

function expectsHolder(error: JournalError, holder: Holder = self): void {
  expect(error.code).toBe('JOURNAL_LOCKED')
  expect(error.facts.holder).toEqual(holder)
  expect(error.message).toContain(`process ${holder.pid}`)
  expect(error.message).toContain(holder.command)
  expect(error.hint.length).toBeGreaterThan(40)
}

/** A module that only shares the global object with the one under test. */
async function secondCopy(): Promise<typeof import('../../../journal/leveldb/owner.ts')> {
  const file = new URL('../../../journal/leveldb/owner.ts', import.meta.url)
  return import(/* @vite-ignore */ `${file.pathname}?copy=2`)
}

describe('the second opener is told who holds the directory', () => {
  test('whatever the spelling', async () => {
    const dir = await dirs()
    const link = join(await dirs('links'), 'link')
    await symlink(dir, link)
    await own(dir)
    for (const spelling of [
      dir,
      `${dir}/`,
      `${dir}/.`,
      join(dirname(dir), '.', basename(dir)),
      `${dir}/../${basename(dir)}`,
      relative(process.cwd(), dir),
      link,
      `${link}/`,
    ]) {
      expectsHolder(await refusal(acquireOwnership(spelling, self)))
    }
  })

  test('in a second copy of the package', async () => {
    const dir = await dirs()
    const second = await secondCopy()
    expect(second.acquireOwnership).not.toBe(acquireOwnership)
    await own(dir)
    const error: unknown = await second.acquireOwnership(dir, self).catch(error => error)
    expect(error).toMatchObject({ code: 'JOURNAL_LOCKED', facts: { holder: self } })
  })

  test('where the socket cannot tell: the registry does, for both copies', async () => {
    const dir = await dirs()
    const elsewhere = process.platform === 'linux' ? 'darwin' : 'linux'
    const second = await secondCopy()
    await own(dir)
    expectsHolder(await refusal(acquireOwnership(dir, self, elsewhere)))
    const error: unknown = await second.acquireOwnership(dir, self, elsewhere).catch(error => error)
    expect(error).toMatchObject({ code: 'JOURNAL_LOCKED', facts: { holder: self } })
  })

  test('in another thread', async () => {
    const dir = await dirs()
    await own(dir)
    const worker = new Worker(OPENER, {
      eval: true,
      execArgv: [],
      argv: [import.meta.resolve('tsx/esm/api'), ownerUrl(), dir],
    })
    const outcome = await new Promise((resolve, reject) => {
      worker.once('message', resolve).once('error', reject)
    })
    await worker.terminate()
    expect(outcome).toEqual({ code: 'JOURNAL_LOCKED', holder: self })
  })

  test('in another process, and when that one holds it', async () => {
    const dir = await dirs()
    const ownership = await own(dir)
    const other = speakerFor(PROCESS, ownerUrl(), dir)
    expect(JSON.parse(await other.line())).toEqual({ code: 'JOURNAL_LOCKED', holder: self })
    await ownership.release()
    other.tell('again')
    expect(JSON.parse(await other.line())).toEqual({ code: 'held' })
    const theirs = await askOwner(dir)
    expect(theirs).toMatchObject({ pid: other.pid, command: 'other' })
    expectsHolder(await refusal(acquireOwnership(dir, self)), theirs)
    other.stop('SIGSTOP')
    const error = await refusal(acquireOwnership(dir, self))
    expect(error.message).toContain('did not answer')
    expect(error.facts.holder).toBeUndefined()
    // Killed without a word, it leaves nothing behind.
    other.stop('SIGKILL')
    await other.ended
    await own(dir)
  })

  test('in the workers of a cluster, which share what they listen on', async () => {
    const dir = await dirs()
    const other = speakerFor(CLUSTER, ownerUrl(), dir)
    const outcomes = [JSON.parse(await other.line()), JSON.parse(await other.line())]
    expect(outcomes.map(({ code }) => code).sort()).toEqual(['JOURNAL_LOCKED', 'held'])
    other.stop('SIGKILL')
    await other.ended
  })

  test('of many that come at once, one gets it', async () => {
    const dir = await dirs()
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => own(dir)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})

test('whose lock a file has is read from the table of the system', () => {
  const table = `1: POSIX  ADVISORY  WRITE 4242 fe:00:77 0 EOF
1: -> POSIX  ADVISORY  WRITE 5 fe:00:77 0 EOF
2: FLOCK  ADVISORY  WRITE 6 fe:00:78 0 EOF
3: POSIX  ADVISORY  READ  7 fe:00:79 0 EOF
4: POSIX  ADVISORY  WRITE 0 fe:00:80 0 EOF
5: POSIX  ADVISORY  WRITE 8 fe:00:1080 0 EOF
`
  const owners = [77n, 78n, 79n, 80n, 1080n].map(inode => ownerIn(table, inode))
  expect(owners).toEqual([4242, undefined, undefined, undefined, 8])
})

describe('LevelDB’s own lock, which this stands in front of', () => {
  test('lets the same process open twice by another spelling', async () => {
    const dir = await dirs()
    const first = await openStore(dir)
    const second = await openStore(`${dir}/.`)
    expect(second.status).toBe('open')
    await second.close()
    await first.close()
  })

  test('is lost when the owner reads LOCK; ownership is not', async () => {
    const dir = await dirs()
    await own(dir)
    const db = await openStore(dir)
    expect(await openInProcess(dir)).toBe('LEVEL_LOCKED')
    await readFile(join(dir, 'LOCK'))
    expect(await openInProcess(dir)).toBe('opened')
    const other = speakerFor(PROCESS, ownerUrl(), dir)
    expect(JSON.parse(await other.line())).toMatchObject({ code: 'JOURNAL_LOCKED' })
    other.stop('SIGKILL')
    await other.ended
    await db.close()
  })
})

describe('asking', () => {
  test('nobody answers for a directory that nobody holds, or that is not there', async () => {
    const dir = await dirs()
    expect(await askOwner(dir)).toBeUndefined()
    expect(await askOwner(join(dir, 'absent'))).toBeUndefined()
    const ownership = await own(dir)
    expect(await askOwner(`${dir}/.`)).toEqual(self)
    await ownership.release()
    await ownership.release()
    expect(await askOwner(dir)).toBeUndefined()
  })

  test('a stranger in the holder’s place is not believed', async () => {
    const dir = await dirs()
    const { dev, ino } = await stat(dir, { bigint: true })
    const endpoint = endpointOf(`${dev}:${ino}`, process.platform)
    for (const line of ['{}\n', 'x'.repeat(100_000), '{"pid":"1"}\n', '\n']) {
      const stranger = await listen(endpoint, line)
      expect(await askOwner(dir)).toBeUndefined()
      expect((await refusal(acquireOwnership(dir, self))).message).toContain('did not answer')
      await stranger?.close()
    }
    const stranger = await listen(endpoint, encodeHolder({ ...self, command: 'a\u001b[31m\nb' }))
    expect((await refusal(acquireOwnership(dir, self))).message).toContain('a?[31m?b')
    await stranger?.close()
  })

  test('hostile input and many connections do not disturb the holder', async () => {
    const dir = await dirs()
    const { dev, ino } = await stat(dir, { bigint: true })
    await own(dir)
    const { path } = endpointOf(`${dev}:${ino}`, process.platform)
    const sockets = Array.from({ length: 100 }, () => connect(path).on('error', () => {}))
    for (const socket of sockets) socket.write(Buffer.alloc(100_000, 0xff))
    const ends = sockets.map(socket => new Promise(resolve => socket.once('close', resolve)))
    for (const socket of sockets) socket.resume()
    await Promise.all(ends)
    expect(await askOwner(dir)).toEqual(self)
  })

  test('a line too long for the wire is shortened, not cut', async () => {
    const dir = await dirs()
    const ownership = await acquireOwnership(dir, { ...self, command: '\u0001'.repeat(9_000) })
    held.push(ownership)
    expect((await askOwner(dir))?.command).toBe('\u0001'.repeat(400))
  })
})

describe('where a socket is a file', () => {
  const platform = 'darwin'

  test('the second opener is told who holds it, and release removes the file', async () => {
    const dir = await dirs()
    const { dev, ino } = await stat(dir, { bigint: true })
    const { path } = endpointOf(`${dev}:${ino}`, platform)
    expect(path.length).toBeLessThan(80)
    const ownership = await own(dir, platform)
    expect(await askOwner(dir, platform)).toEqual(self)
    expect(await listen({ path, leftBehind: true }, 'x\n')).toBeUndefined()
    expect(await askOwner(dir, platform)).toEqual(self)
    await ownership.release()
    expect(existsSync(path)).toBe(false)
  })

  test('what a crash left behind is taken over, by one', async () => {
    const dir = await dirs()
    const { dev, ino } = await stat(dir, { bigint: true })
    const endpoint = endpointOf(`${dev}:${ino}`, platform)
    const crashed = speakerFor(PROCESS, ownerUrl(), dir, platform)
    expect(JSON.parse(await crashed.line())).toEqual({ code: 'held' })
    crashed.stop('SIGKILL')
    await crashed.ended
    expect(existsSync(endpoint.path)).toBe(true)
    expect(await askOwner(dir, platform)).toBeUndefined()
    const rivals = await Promise.all(Array.from({ length: 6 }, () => listen(endpoint, 'one\n')))
    const winners = rivals.filter(rival => rival !== undefined)
    expect(winners).toHaveLength(1)
    await winners[0]?.close()
    expect(existsSync(endpoint.path)).toBe(false)
  })
})

describe('the directory', () => {
  test('is created for its owner alone, and named by its real path', async () => {
    const link = join(await dirs('links'), 'link')
    const dir = await dirs()
    await symlink(dir, link)
    const { path } = await own(join(link, 'a', 'b'))
    expect(path).toBe(join(dir, 'a', 'b'))
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o700)
  })

  test('must be one', async () => {
    const file = join(await dirs(), 'file')
    await writeFile(file, '')
    expect((await refusal(acquireOwnership(file, self))).code).toBe('JOURNAL_UNUSABLE')
  })

  test.skipIf(process.platform === 'win32').each([0o770, 0o702, 0o777])(
    'must not be open to writes by others (mode %o)',
    async mode => {
      const dir = join(await dirs(), 'open')
      await mkdir(dir)
      await chmod(dir, mode)
      const error = await refusal(acquireOwnership(dir, self))
      expect(error.code).toBe('JOURNAL_UNUSABLE')
      expect(error.hint).toContain('chmod 700')
      await chmod(dir, 0o755)
      await own(dir)
    },
  )

  test.skipIf(process.getuid?.() !== 0)(
    'must not belong to another user (needs root)',
    async () => {
      const dir = await dirs()
      await chown(dir, 12_345, 12_345)
      const error = await refusal(acquireOwnership(dir, self))
      expect(error.message).toContain('belongs to user 12345')
      await chown(dir, 0, 0)
      await own(dir)
    },
  )
})

test('holding a directory keeps no process alive', async () => {
  const script = `
    const { acquireOwnership } = await import(process.argv[1])
    await acquireOwnership(process.argv[2], ${JSON.stringify(self)})
  `
  const argv = ['--import', 'tsx', '--input-type=module', '--eval', script]
  execFileSync(process.execPath, [...argv, ownerUrl(), await dirs()], { timeout: 20_000 })
})

function ownerUrl(): string {
  return new URL('../../../journal/leveldb/owner.ts', import.meta.url).href
}

const OPENER = `
  const { parentPort } = require('node:worker_threads')
  const [tsx, url, dir] = process.argv.slice(2)
  import(tsx)
    .then(({ register }) => register())
    .then(() => import(url))
    .then(({ acquireOwnership }) => acquireOwnership(dir, ${JSON.stringify(self)}))
    .then(() => ({ code: 'held' }), error => ({ code: error.code, holder: error.facts?.holder, text: error.facts ? undefined : String(error) }))
    .then(outcome => parentPort.postMessage(JSON.parse(JSON.stringify(outcome))))
`

const PROCESS = `
  const [url, dir, platform] = process.argv.slice(1)
  const { acquireOwnership } = await import(url)
  const self = { pid: process.pid, host: 'there', command: 'other', since: 1, thread: 0 }
  const attempt = () => acquireOwnership(dir, self, platform)
    .then(() => ({ code: 'held' }), error => ({ code: error.code, holder: error.facts?.holder }))
    .then(outcome => console.log(JSON.stringify(outcome)))
  process.stdin.on('data', attempt)
  await attempt()
`

const CLUSTER = `
  import cluster from 'node:cluster'
  const [url, dir] = process.argv.slice(1)
  if (cluster.isPrimary) {
    for (const _ of [1, 2]) cluster.fork().on('message', outcome => console.log(JSON.stringify(outcome)))
  } else {
    const { acquireOwnership } = await import(url)
    const self = { pid: process.pid, host: 'there', command: 'worker', since: 1, thread: 0 }
    await acquireOwnership(dir, self)
      .then(() => ({ code: 'held' }), error => ({ code: error.code }))
      .then(outcome => process.send(outcome))
  }
`
