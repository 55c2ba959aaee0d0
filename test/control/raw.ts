import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import * as z from 'zod'

const id = z.int()
const error = z.strictObject({
  code: z.string(),
  message: z.string().max(5_000),
  hint: z.string(),
  facts: z.object({}).loose().optional(),
})

/** Whatever an owner says. */
const said = z.union([
  z.strictObject({
    perdure: z.literal('control'),
    protocol: z.int(),
    version: z.string(),
    pid: z.int(),
    journal: z.string(),
    packs: z.boolean(),
    lists: z.boolean(),
    secrets: z.array(z.string()).optional(),
  }),
  z.strictObject({ id, page: z.array(z.unknown()).min(1) }),
  z.strictObject({ id, error }),
  z.strictObject({ id, is: z.unknown().optional() }),
])

export type Told = Record<'id' | 'is' | 'page' | 'error' | 'perdure', unknown>

/** A connection on which anything can be said. */
export class Raw {
  readonly socket: Socket
  readonly lines: Told[] = []
  #rest = ''

  constructor(address: string) {
    this.socket = connect(address)
    this.socket.on('error', () => {})
    this.socket.setEncoding('utf8').on('data', text => this.#read(String(text)))
  }

  say(...messages: readonly unknown[]): void {
    for (const message of messages) {
      const line = typeof message === 'string' ? message : JSON.stringify(message)
      this.socket.write(`${line}\n`)
    }
  }

  /** The first message that fits, once it is there. */
  async told(fits: (message: Told) => boolean): Promise<Told> {
    for (;;) {
      const found = this.lines.find(fits)
      if (found !== undefined) return found
      if (this.socket.destroyed) throw new Error('the connection has ended without it')
      const { socket } = this
      const over = new AbortController()
      const { signal } = over
      const ends = once(socket, 'close', { signal }).catch(() => {})
      await Promise.race([once(socket, 'data', { signal }).catch(() => {}), ends])
      over.abort()
    }
  }

  /** Waits for the other side to hang up. */
  async ended(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, 'close')
  }

  // Each line must be one that the grammar knows.
  #read(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.lines.push(said.parse(JSON.parse(line)) as Told)
  }
}
