import { chmod, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { controlAddress, makePrivate } from './address.ts'
import { type Handlers, type Hello, PROTOCOL } from './protocol.ts'
import { Session } from './session.ts'

/** Connections at once: more are refused. */
const CONNECTIONS_MOST = 32

export interface ServerOptions {
  /** The journal's directory, by its real path. Whoever listens must own it. */
  readonly directory: string
  /** Who listens. */
  readonly about: Pick<Hello, 'version' | 'pid' | 'journal'>
  readonly handlers: Handlers
  /** Bytes of one message that comes in. */
  readonly longest: number
}

/** Answers those who ask the owner of a directory, until it is closed. Keeps no process alive. */
export class ControlServer {
  readonly #server: Server
  readonly #sessions = new Set<Session>()
  #isPrivate = process.platform === 'win32'
  readonly address: string

  constructor({ directory, about, handlers, longest }: ServerOptions) {
    const hello: Hello = { perdure: 'control', protocol: PROTOCOL, ...about }
    this.address = controlAddress(directory)
    this.#server = createServer(socket => {
      // Whoever came before others were kept out may be another user.
      if (!this.#isPrivate) return socket.destroy()
      socket.unref()
      const session = new Session(socket, handlers, hello, longest)
      this.#sessions.add(session)
      socket.on('close', () => this.#sessions.delete(session))
    })
    this.#server.maxConnections = CONNECTIONS_MOST
  }

  async listen(): Promise<void> {
    const { address } = this
    if (!(await makePrivate(address))) throw new Error(`others may write beside ${address}`)
    // Of an owner that died: there is no other while this one owns the directory.
    if (process.platform !== 'win32') await rm(address, { force: true })
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ path: address, exclusive: true }, () => {
        this.#server.off('error', reject)
        // Failing to accept a connection (too many open files) is the asker's loss, not ours.
        this.#server.on('error', () => {})
        this.#server.unref()
        resolve()
      })
    })
    if (process.platform !== 'win32') await chmod(address, 0o600)
    this.#isPrivate = true
  }

  /** Ends all connections; the address is gone. */
  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    await Promise.all([...this.#sessions].map(session => session.end()))
    await closed
  }
}
