import { once } from 'node:events'
import { tmpdir } from 'node:os'
import type { Readable, Writable } from 'node:stream'

/** All that a command sees of the world. Data goes to `out`, everything else to `err`. */
export interface Io {
  readonly out: Outlet
  readonly err: Outlet
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly env: { readonly [name: string]: string | undefined }
  /** Where relative paths begin. */
  readonly cwd: string
  /** Where copies of journals are made. */
  readonly scratch: string
  /** Wall clock, ms. */
  now(): number
  /** Aborts when the command is to stop. Absent: Ctrl-C says so. */
  readonly interrupt?: AbortSignal
  /** Shows a text by a command; false: it does not run. Absent: there is none to show it by. */
  page?(command: string, text: string): Promise<boolean>
}

export function processIo(): Io {
  const { stdout, stderr, env } = process
  return {
    out: new Outlet(stdout),
    err: new Outlet(stderr),
    // To look at it takes a while, and few read from it.
    get input() {
      return process.stdin
    },
    env,
    cwd: process.cwd(),
    scratch: tmpdir(),
    now: () => Date.now(),
    page: async (command, text) => (await import('./pager.ts')).page(command, text, env),
  }
}

/** What a stream is, if it is a terminal. */
export interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

/**
 * A stream to write to that may be closed by its reader at any time (`perdure dump x | head`), or take
 * no more because a disk is full: then what is still written goes nowhere, and whoever writes much
 * should stop.
 */
export class Outlet {
  readonly #stream: Writable & Terminal
  readonly #gone = new AbortController()
  #failure: Error | undefined

  constructor(stream: Writable & Terminal) {
    this.#stream = stream
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') this.#failure ??= error
      this.#gone.abort()
    })
  }

  /** Why it takes no more, unless that is only that its reader is gone. */
  get failure(): Error | undefined {
    return this.#failure
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true
  }

  /** Of the terminal, if it is one and knows. */
  get columns(): number | undefined {
    const { columns = 0 } = this.#stream
    return columns > 0 ? columns : undefined
  }

  /** Of the terminal, if it is one. */
  get rows(): number | undefined {
    return this.#stream.rows
  }

  /** Aborts when the reader is gone, or nothing more can be written. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  get isClosed(): boolean {
    return this.#gone.signal.aborted
  }

  /** Resolves when there is room for more. */
  async write(text: string): Promise<void> {
    if (this.isClosed || this.#stream.write(text)) return
    const { signal } = this.#gone
    await once(this.#stream, 'drain', { signal }).catch(error => {
      if (!signal.aborted) throw error
    })
  }

  /** Resolves when all has been written, or it is known that it cannot be. */
  async flushed(): Promise<void> {
    if (this.isClosed) return
    const { signal } = this.#gone
    await new Promise<void>(resolve => {
      const done = (): void => {
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done)
      // A failure is told to whoever wrote before it is to those who listen for it.
      this.#stream.write('', error => (error ? setImmediate(done) : done()))
    })
  }
}
