import { once } from 'node:events'
import { tmpdir } from 'node:os'
import type { Writable } from 'node:stream'

/** All that a command sees of the world. Data goes to `out`, everything else to `err`. */
export interface Io {
  readonly out: Outlet
  readonly err: Outlet
  readonly columns: number
  readonly colors: boolean
  /** Where copies of journals are made. */
  readonly scratch: string
}

const COLUMNS = 100

export function processIo(): Io {
  const { stdout, stderr, env } = process
  const noColor = env.NO_COLOR !== undefined && env.NO_COLOR !== ''
  return {
    out: new Outlet(stdout),
    err: new Outlet(stderr),
    columns: stdout.isTTY ? stdout.columns : COLUMNS,
    colors: stdout.isTTY && !noColor,
    scratch: tmpdir(),
  }
}

/**
 * A stream to write to that may be closed by its reader at any time (`perdure dump x | head`): then
 * what is still written goes nowhere, and whoever writes much should stop.
 */
export class Outlet {
  readonly #stream: Writable
  readonly #gone = new AbortController()

  constructor(stream: Writable) {
    this.#stream = stream
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      this.#gone.abort()
    })
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
}
