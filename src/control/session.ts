import type { Socket } from 'node:net'
import { PerdureError } from '../../journal/error.ts'
import { LineCutter } from './line.ts'
import {
  type Answer,
  type Handlers,
  type Hello,
  isMethod,
  type Method,
  methods,
} from './methods.ts'
import { fromWire, toWire } from './wire.ts'

/** Asks that one connection may have open at once. */
const OPEN_MOST = 32
/** Characters of a page, from which on another is begun. */
const PAGE = 1 << 18

/** One connection: reads what is asked, and writes the answers as fast as they are read. */
export class Session {
  readonly #socket: Socket
  readonly #handlers: Handlers
  readonly #lines: LineCutter
  readonly #open = new Map<number, AbortController>()

  constructor(socket: Socket, handlers: Handlers, hello: Hello, longest: number) {
    this.#socket = socket
    this.#handlers = handlers
    this.#lines = new LineCutter(longest)
    socket.on('data', bytes => this.#read(Buffer.from(bytes)))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#abortAll())
    void this.#write(hello)
  }

  end(): void {
    this.#abortAll()
    this.#socket.destroy()
  }

  #read(bytes: Buffer): void {
    try {
      for (const line of this.#lines.cut(bytes)) this.#take(line)
    } catch (error) {
      this.#refuse(error instanceof Error ? error.message : String(error))
    }
  }

  #take(line: string): void {
    const message = JSON.parse(line)
    const { id, ask, stop, with: params = {} } = Object(message)
    if (!Number.isSafeInteger(id) || id < 0) throw new Error('`id` is not a number of an ask')
    if (stop === true) return this.#open.get(id)?.abort()
    if (this.#open.has(id)) throw new Error(`ask ${id} is open already`)
    if (this.#open.size >= OPEN_MOST) throw new Error(`at most ${OPEN_MOST} asks are open at once`)
    void this.#serve(id, ask, params)
  }

  async #serve(id: number, ask: unknown, params: unknown): Promise<void> {
    const controller = new AbortController()
    this.#open.set(id, controller)
    try {
      const answer = this.#ask(ask, fromWire(params), controller.signal)
      if (isList(answer)) await this.#list(id, answer, controller.signal)
      else await this.#write({ id, is: toWire(await answer) })
    } catch (error) {
      await this.#write({ id, error: told(error) })
    } finally {
      this.#open.delete(id)
    }
  }

  #ask(ask: unknown, params: unknown, signal: AbortSignal): Answer {
    if (!isMethod(ask)) throw invalid(`There is nothing called ${JSON.stringify(ask)} to ask for.`)
    return this.#call(ask, params, signal)
  }

  #call<Name extends Method>(name: Name, params: unknown, signal: AbortSignal): Answer {
    const { data, error } = methods[name].safeParse(params)
    if (error !== undefined) {
      const [issue] = error.issues
      throw invalid(`${name}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`)
    }
    const handler: (params: never, signal: AbortSignal) => Answer = this.#handlers[name]
    return handler(data as never, signal)
  }

  async #list(
    id: number,
    pages: AsyncIterable<readonly unknown[]>,
    signal: AbortSignal,
  ): Promise<void> {
    for await (const page of pages) {
      let text = ''
      for (const item of page) {
        text += `${text === '' ? '' : ','}${JSON.stringify(toWire(item))}`
        if (text.length < PAGE) continue
        await this.#writeText(`{"id":${id},"page":[${text}]}\n`)
        text = ''
      }
      if (text !== '') await this.#writeText(`{"id":${id},"page":[${text}]}\n`)
      if (signal.aborted) break
    }
    await this.#write({ id })
  }

  #write(message: object): Promise<void> {
    return this.#writeText(`${JSON.stringify(message)}\n`)
  }

  /** Resolves when there is room for more, or nobody reads any more. */
  #writeText(text: string): Promise<void> {
    const socket = this.#socket
    if (socket.destroyed || socket.write(text)) return Promise.resolve()
    return new Promise(resolve => {
      const on = (): void => {
        socket.off('drain', on)
        socket.off('close', on)
        resolve()
      }
      socket.on('drain', on)
      socket.on('close', on)
    })
  }

  #refuse(why: string): void {
    this.#abortAll()
    this.#socket.removeAllListeners('data')
    this.#socket.end(`${JSON.stringify({ id: -1, error: told(invalid(why)) })}\n`)
  }

  #abortAll(): void {
    for (const controller of this.#open.values()) controller.abort()
  }
}

const isList = (answer: Answer): answer is AsyncIterable<readonly unknown[]> =>
  Symbol.asyncIterator in answer

const invalid = (what: string): PerdureError =>
  new PerdureError('CONTROL_INVALID', what, {
    hint: 'Use the `perdure` command, or `connect`, of the release that the engine is of.',
  })

/** An error as others may see it: its cause and stack stay here. */
function told(error: unknown): object {
  if (!(error instanceof PerdureError)) {
    const message = error instanceof Error ? error.message : String(error)
    return { code: 'INTERNAL', message, hint: 'Look into the log of the engine.' }
  }
  const { code, message, hint, facts } = error
  return { code, message, hint, facts: plainFacts(facts) }
}

function plainFacts(facts: object): object {
  try {
    return Object(JSON.parse(JSON.stringify(facts)))
  } catch {
    return {}
  }
}
