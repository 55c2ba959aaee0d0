import type { Socket } from 'node:net'
import { PerdureError } from '../../journal/error.ts'
import { Credit } from './credit.ts'
import { LineCutter } from './line.ts'
import { parseMessage } from './message.ts'
import { isMethod, methods } from './methods.ts'
import { type Answer, type Handlers, type Hello, type Method, OPEN_MOST } from './protocol.ts'
import { told } from './told.ts'
import { fromWire, jsonOf, toWire } from './wire.ts'

/** Characters of a page, from which on another is begun. */
const PAGE = 1 << 18
/** Characters that are gathered before they are written. */
const GATHERED = 1 << 16
/** What is said of a message that was wrong is short, whatever the message was. */
const ECHOED = 80
/** How long whoever was refused may take to read why, and to hang up. */
const FAREWELL_MS = 1_000

/** One connection: reads what is asked, and writes the answers as fast as they are read. */
export class Session {
  readonly #socket: Socket
  readonly #handlers: Handlers
  readonly #lines: LineCutter
  readonly #open = new Map<number, Open>()
  #drained: Promise<void> | undefined
  /** What is to be written once all has been said. */
  #said = ''

  constructor(socket: Socket, handlers: Handlers, hello: Hello, longest: number) {
    this.#socket = socket
    this.#handlers = handlers
    this.#lines = new LineCutter(longest)
    socket.on('data', this.#read)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#abortAll())
    void this.#write(hello)
  }

  /** Hangs up. Resolves when nothing is read for it any more. */
  async end(): Promise<void> {
    this.#abortAll()
    this.#letGo()
    this.#socket.destroy()
    await Promise.all([...this.#open.values()].map(({ served }) => served))
  }

  readonly #read = (bytes: Buffer): void => {
    try {
      for (const line of this.#lines.cut(bytes)) this.#take(line)
    } catch (error) {
      return this.#refuse(error instanceof Error ? error.message : String(error))
    }
    // Whoever asks and does not read the answers is not listened to for so long.
    if (!this.#socket.writableNeedDrain) return
    this.#socket.pause()
    void this.#room().then(() => this.#socket.resume())
  }

  #take(line: string): void {
    const message = Object(parseMessage(line))
    const { id, ask, stop, more, with: params = {} } = message
    if (!Number.isSafeInteger(id) || id < 0) throw new Error('`id` is not a number of an ask')
    const open = this.#open.get(id)
    if (stop === true) return open?.controller.abort()
    if (more !== undefined) return open?.credit.give(roomOf(more))
    if (open !== undefined) throw new Error(`ask ${id} is open already`)
    if (this.#open.size >= OPEN_MOST) {
      const error = told(invalid(`At most ${OPEN_MOST} asks are open at once.`))
      return void this.#write({ id, error })
    }
    const begun = { controller: new AbortController(), credit: new Credit() }
    const served = this.#serve(id, ask, params, begun).finally(() => this.#open.delete(id))
    this.#open.set(id, { ...begun, served })
  }

  async #serve(id: number, ask: unknown, params: unknown, open: Begun): Promise<void> {
    // What goes wrong before the first wait must find the ask among those that are open.
    await Promise.resolve()
    const { signal } = open.controller
    try {
      const answer = this.#ask(ask, fromWire(params), signal)
      if (isList(answer)) await this.#list(id, answer, open)
      else await this.#write({ id, is: toWire(await unlessStopped(answer, signal)) })
    } catch (error) {
      await this.#write({ id, error: told(error) })
    }
  }

  #ask(ask: unknown, params: unknown, signal: AbortSignal): Answer {
    if (!isMethod(ask)) throw invalid(`There is nothing called ${echo(ask)} to ask for.`)
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
    { controller: { signal }, credit }: Begun,
  ): Promise<void> {
    for await (const page of pages) {
      for (const text of textsOf(page)) {
        if (!(await credit.take(signal))) break
        await this.#writeText(`{"id":${id},"page":[${text}]}\n`)
      }
      if (signal.aborted) break
    }
    await this.#write({ id })
  }

  #write(message: object): Promise<void> {
    return this.#writeText(`${JSON.stringify(message)}\n`)
  }

  /** Resolves when there is room for more, or nobody reads any more. */
  #writeText(text: string): Promise<void> {
    // What is said in one go leaves in one: to write to a socket costs more than to make what it says.
    if (this.#said === '') process.nextTick(this.#letGo)
    this.#said += text
    if (this.#said.length >= GATHERED) this.#letGo()
    const { destroyed, writable, writableNeedDrain } = this.#socket
    return destroyed || !writable || !writableNeedDrain ? NOTHING : this.#room()
  }

  readonly #letGo = (): void => {
    const said = this.#said
    this.#said = ''
    if (said !== '' && this.#socket.writable) this.#socket.write(said)
  }

  #room(): Promise<void> {
    this.#drained ??= new Promise<void>(resolve => {
      const on = (): void => {
        this.#socket.off('drain', on)
        this.#socket.off('close', on)
        this.#drained = undefined
        resolve()
      }
      this.#socket.on('drain', on)
      this.#socket.on('close', on)
    })
    return this.#drained
  }

  /** The last word must get there: what still comes is read, and not looked at. */
  #refuse(why: string): void {
    const socket = this.#socket
    this.#abortAll()
    this.#letGo()
    socket.off('data', this.#read)
    socket.resume()
    socket.end(`${JSON.stringify({ id: -1, error: told(invalid(why)) })}\n`)
    socket.setTimeout(FAREWELL_MS, () => socket.destroy())
  }

  #abortAll(): void {
    for (const { controller } of this.#open.values()) controller.abort()
  }
}

const NOTHING = Promise.resolve()

/** An ask that has not had its end. */
interface Begun {
  readonly controller: AbortController
  readonly credit: Credit
}

interface Open extends Begun {
  readonly served: Promise<void>
}

const isList = (answer: Answer): answer is AsyncIterable<readonly unknown[]> =>
  Symbol.asyncIterator in answer

/** The answer; nothing, if it is no longer wanted before it is there. */
function unlessStopped(answer: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    answer.then(resolve, reject)
    const stop = (): void => resolve(undefined)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}

function* textsOf(page: readonly unknown[]): Generator<string> {
  let text = ''
  for (const item of page) {
    text += `${text === '' ? '' : ','}${jsonOf(item)}`
    if (text.length < PAGE) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

function roomOf(more: unknown): number {
  if (typeof more === 'number' && Number.isSafeInteger(more) && more > 0) return more
  throw new Error('`more` is not a number of pages')
}

const echo = (what: unknown): string => String(JSON.stringify(what)).slice(0, ECHOED)

const invalid = (what: string): PerdureError =>
  new PerdureError('CONTROL_INVALID', what, {
    hint: 'Use the `perdure` command, or `connect`, of the release that the engine is of.',
  })
