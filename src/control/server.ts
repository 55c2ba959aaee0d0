import { chmod, rename, rm, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { addressBeside, controlAddress, makePrivate } from './address.ts'
import { type Handlers, type Hello, PROTOCOL } from './protocol.ts'
import { Session } from './session.ts'

/** Connections at once: more are refused. */
const CONNECTIONS_MOST = 32

export interface ServerOptions {
  /** The journal's directory, by its real path. Whoever listens must own it. */
  readonly directory: string
  /** Who listens. */
  readonly about: Pick<Hello, 'version' | 'pid' | 'journal' | 'secrets'>
  readonly handlers: Handlers
  /** Bytes of one message that comes in. */
  readonly longest: number
}

/** Answers those who ask the owner of a directory, until it is closed. Keeps no process alive. */
export class ControlServer {
  readonly #server: Server
  readonly #sessions = new Set<Session>()
  #isPrivate = process.platform === 'win32'
  /** The number of the file that it listens at. */
  #file: number | undefined
  readonly address: string

  constructor({ directory, about, handlers, longest }: ServerOptions) {
    const hello: Hello = {
      perdure: 'control',
      protocol: PROTOCOL,
      ...about,
      packs: true,
      lists: true,
    }
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
    if (process.platform === 'win32') await this.#listenAt(address)
    else {
      // Whoever closes removes the name that it began with, whoever has that by then.
      const beside = addressBeside(address)
      await rm(beside, { force: true })
      await this.#listenAt(beside)
      await chmod(beside, 0o600)
      this.#file = (await stat(beside)).ino
      // Of an owner that died or was fenced out: there is no other while this one owns the directory.
      await rename(beside, address)
    }
    this.#isPrivate = true
  }

  #listenAt(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ path, exclusive: true }, () => {
        this.#server.off('error', reject)
        // Failing to accept a connection (too many open files) is the asker's loss, not ours.
        this.#server.on('error', () => {})
        this.#server.unref()
        resolve()
      })
    })
  }

  /** Ends all connections; the address is gone, unless another owner has it by now. */
  async close(): Promise<void> {
    await this.#leaveAddress()
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    await Promise.all([...this.#sessions].map(session => session.end()))
    await closed
  }

  // While this one listens, nobody else's file gets the number of its own.
  async #leaveAddress(): Promise<void> {
    if (this.#file === undefined) return
    const found = await stat(this.address).catch(() => undefined)
    if (found?.ino === this.#file) await rm(this.address, { force: true })
  }
}
