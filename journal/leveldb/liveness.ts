import { createHash } from 'node:crypto'
import { link, rename, rm, stat } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemCode } from './damage.ts'
import { HOLDER_BYTES_MAX } from './holder.ts'

/*
 * A socket that exists exactly as long as the process that holds a directory:
 *
 *   Linux     abstract socket "\0perdure:" digest   the kernel drops it with the process
 *   Windows   \\.\pipe\perdure- digest              likewise
 *   others    $TMPDIR/perdure- digest .sock         a file that outlives a crash; nobody answers then
 *
 *   digest = first 16 hex digits of SHA-256 of device ":" inode of the directory
 *
 * Whoever connects is sent one line and the connection ends; nothing is ever read.
 */

/** Where the holder of the directory with this id listens. */
export interface Endpoint {
  readonly path: string
  /** The path is a file, which a crash leaves behind. */
  readonly leftBehind: boolean
}

export function endpointOf(directoryId: string, platform: NodeJS.Platform): Endpoint {
  const digest = createHash('sha256').update(directoryId).digest('hex').slice(0, 16)
  switch (platform) {
    case 'linux':
      return { path: `\0perdure:${digest}`, leftBehind: false }
    case 'win32':
      return { path: `\\\\.\\pipe\\perdure-${digest}`, leftBehind: false }
    default:
      return { path: join(tmpdir(), `perdure-${digest}.sock`), leftBehind: true }
  }
}

/** Holds an endpoint until closed; keeps no process alive. */
export interface Listening {
  close(): Promise<void>
}

/** Listens and answers everyone with `line`; `undefined` when the endpoint is already held. */
export async function listen(endpoint: Endpoint, line: string): Promise<Listening | undefined> {
  const server = answering(line)
  if (!endpoint.leftBehind) {
    return (await bind(server, endpoint.path)) ? { close: () => closed(server) } : undefined
  }
  const own = `${endpoint.path}.${process.pid}.${process.hrtime.bigint().toString(36)}`
  await bind(server, own)
  const { ino } = await stat(own)
  const taken = await takePath(own, endpoint.path)
  await rm(own, { force: true })
  if (!taken) await closed(server)
  return taken ? { close: () => abandon(server, endpoint.path, ino) } : undefined
}

/** What the holder answers. */
export type Answer =
  | { readonly kind: 'line'; readonly line: string }
  /** It lives and does not answer in time, or not in a line. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'nobody' }

/** Asks whoever holds `endpoint`, for at most `timeoutMs`. */
export function ask(endpoint: Endpoint, timeoutMs: number): Promise<Answer> {
  return new Promise(resolve => {
    let line = ''
    const socket = connect(endpoint.path)
    const settle = (answer: Answer): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    const timer = setTimeout(() => settle({ kind: 'silent' }), timeoutMs)
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => {
      line += text
      if (line.includes('\n')) settle({ kind: 'line', line: line.slice(0, line.indexOf('\n')) })
      else if (line.length > HOLDER_BYTES_MAX) settle({ kind: 'silent' })
    })
    socket.on('end', () => settle({ kind: 'silent' }))
    socket.on('error', error =>
      settle({ kind: NOBODY.has(systemCode(error)) ? 'nobody' : 'silent' }),
    )
  })
}

const NOBODY: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ECONNREFUSED'])
const CONNECTIONS_MAX = 32
const CONNECTION_MS_MAX = 1000
const ATTEMPTS_MAX = 8

function answering(line: string): Server {
  const server = createServer({ pauseOnConnect: true }, socket => {
    socket.unref()
    socket.on('error', () => socket.destroy())
    socket.setTimeout(CONNECTION_MS_MAX, () => socket.destroy())
    socket.end(line, () => socket.destroy())
  })
  server.maxConnections = CONNECTIONS_MAX
  return server
}

function bind(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', error => {
      if (systemCode(error) === 'EADDRINUSE') resolve(false)
      else reject(error)
    })
    // Exclusive: the workers of a cluster would otherwise all share one socket, and all hold it.
    server.listen({ path, exclusive: true }, () => {
      // Failing to accept a connection (too many open files) is the asker's loss, not ours.
      server.on('error', () => {})
      server.unref()
      resolve(true)
    })
  })
}

/**
 * Gives the socket at `own` the name `path`, unless a live one has it. A dead one is moved aside
 * rather than deleted: if it turns out that somebody else's live one was moved, it goes back.
 */
async function takePath(own: string, path: string): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    try {
      await link(own, path)
      return true
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error
    }
    if (!(await isDead(path))) return false
    const aside = `${own}.dead`
    await rename(path, aside).catch(ignoreMissing)
    if (!(await isDead(aside))) await link(aside, path).catch(() => {})
    await rm(aside, { force: true })
  }
  return false
}

const isDead = async (path: string): Promise<boolean> =>
  (await ask({ path, leftBehind: true }, CONNECTION_MS_MAX)).kind === 'nobody'

async function abandon(server: Server, path: string, ino: number): Promise<void> {
  // Temporary directories get cleaned up: the path may be another's by now.
  const found = await stat(path).catch(() => undefined)
  if (found?.ino === ino) await rm(path, { force: true })
  await closed(server)
}

const closed = (server: Server): Promise<void> =>
  new Promise(resolve => server.close(() => resolve()))

function ignoreMissing(error: unknown): void {
  if (systemCode(error) !== 'ENOENT') throw error
}
