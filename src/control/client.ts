import { connect, type Socket } from 'node:net'
import { called, JournalError, PerdureError } from '../../journal/error.ts'
import { Ask } from './ask.ts'
import { LineCutter } from './line.ts'
import { type Hello, type Method, OPEN_MOST, PAGES_AHEAD, type Params } from './protocol.ts'
import { fromWire, toWire } from './wire.ts'

/** Bytes of one message of the owner. */
const LONGEST = 256 << 20
/** An owner that says nothing for so long is not there, or stands still. */
const HELLO_MS = 1_000
/** Pages that have been read when more are asked for. */
const PAGES_TOLD = PAGES_AHEAD / 2

/** A connection to the owner of a journal. Made by `dial`. */
export class ControlClient {
  readonly hello: Hello
  readonly #socket: Socket
  /** Asks that the owner has, and those that wait until it has fewer. */
  readonly #asks = new Map<number, Ask>()
  readonly #waiting: Ask[] = []
  #next = 0
  #end: Error | undefined

  constructor(socket: Socket, hello: Hello) {
    this.hello = hello
    this.#socket = socket
  }

  /** Takes a message of the owner. */
  take(message: Message): void {
    const { id = -1, page, error } = message
    const ask = this.#asks.get(id)
    if (error !== undefined && id === -1) return this.end(errorOf(error))
    if (ask === undefined) return
    if (page !== undefined) return ask.add(page.map(item => fromWire(item)))
    this.#asks.delete(id)
    this.#sendWaiting()
    if (error !== undefined) ask.fail(errorOf(error))
    else ask.done(fromWire(message.is))
  }

  /** Nothing more will come. */
  end(why: Error): void {
    this.#end ??= why
    for (const ask of [...this.#asks.values(), ...this.#waiting]) ask.fail(this.#end)
    this.#asks.clear()
    this.#waiting.length = 0
    this.#socket.destroy()
  }

  /** Asks for one value. Rejects with what the owner says against it. */
  ask<Name extends Method>(name: Name, params: Params<Name>): Promise<unknown> {
    return called(this.#begin(name, params).result)
  }

  /** Asks for a list, page by page; reading it slowly slows the owner down, not its engine. */
  async *list<Name extends Method>(
    name: Name,
    params: Params<Name>,
  ): AsyncGenerator<readonly unknown[]> {
    const ask = this.#begin(name, params)
    let read = 0
    try {
      for (;;) {
        const page = await called(ask.nextPage())
        if (page === undefined) return
        // Not for each page: what is said to the owner costs its engine more than a page.
        if (++read === PAGES_TOLD) {
          if (this.#asks.has(ask.id)) this.#socket.write(`{"id":${ask.id},"more":${read}}\n`)
          read = 0
        }
        yield page
      }
    } finally {
      this.#stop(ask)
    }
  }

  close(): void {
    this.end(gone())
  }

  #begin(name: Method, params: object): Ask {
    const id = this.#next++
    const ask = new Ask(id, `${JSON.stringify({ id, ask: name, with: toWire(params) })}\n`)
    if (this.#end !== undefined) {
      ask.fail(this.#end)
      return ask
    }
    this.#waiting.push(ask)
    this.#sendWaiting()
    return ask
  }

  #sendWaiting(): void {
    while (this.#asks.size < OPEN_MOST) {
      const ask = this.#waiting.shift()
      if (ask === undefined) return
      this.#asks.set(ask.id, ask)
      this.#socket.write(ask.line)
    }
  }

  // It stays among the asks until its end comes: only then the owner has one less.
  #stop(ask: Ask): void {
    ask.isStopped = true
    const at = this.#waiting.indexOf(ask)
    if (at !== -1) this.#waiting.splice(at, 1)
    if (this.#asks.has(ask.id)) this.#socket.write(`{"id":${ask.id},"stop":true}\n`)
  }
}

interface Message {
  readonly id?: number
  readonly page?: readonly unknown[]
  readonly is?: unknown
  readonly error?: unknown
}

/**
 * Connects to whoever listens at an address; `undefined`: nobody does. Throws JOURNAL_BUSY if it does
 * not answer, or not as an owner does.
 */
export function dial(address: string, timeoutMs = HELLO_MS): Promise<ControlClient | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(address)
    const lines = new LineCutter(LONGEST)
    let client: ControlClient | undefined
    const fail = (why: string): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(busy(why))
    }
    const timer = setTimeout(() => fail('does not answer'), timeoutMs)
    socket.on('error', error => {
      clearTimeout(timer)
      if (client !== undefined) client.end(gone(error))
      else resolve(undefined)
    })
    socket.on('close', () => (client === undefined ? fail('hung up') : client.end(gone())))
    socket.on('data', bytes => {
      try {
        for (const line of lines.cut(Buffer.from(bytes))) {
          const message = Object(JSON.parse(line))
          if (client !== undefined) client.take(message)
          else {
            if (!isHello(message)) return fail('does not speak this protocol')
            clearTimeout(timer)
            client = new ControlClient(socket, message)
            resolve(client)
          }
        }
      } catch (error) {
        if (client === undefined) fail('does not speak this protocol')
        else client.end(error instanceof Error ? error : new Error(String(error)))
      }
    })
  })
}

const isHello = (message: object): message is Hello =>
  'perdure' in message && message.perdure === 'control' && 'protocol' in message

const busy = (why: string): JournalError =>
  new JournalError('JOURNAL_BUSY', `The engine that has the journal ${why}.`, {
    hint: 'It may be stopped or busy. Try again, or read a copy: `--snapshot`.',
  })

const gone = (cause?: unknown): JournalError =>
  new JournalError('JOURNAL_CLOSED', 'The engine closed the connection.', {
    hint: 'It was closed, or its process ended. Reading works without it, too.',
    cause,
  })

function errorOf(error: unknown): PerdureError {
  const { code, message, hint, facts } = Object(error)
  return new PerdureError(String(code), String(message), {
    hint: String(hint),
    facts: Object(facts ?? {}),
  })
}
