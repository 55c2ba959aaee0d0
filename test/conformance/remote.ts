import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { JournalError, type JournalErrorCode } from '../../journal/error.ts'
import type { KeyRange } from '../../journal/keys.ts'
import type { ScanOptions, Store, StoreBatch, StoreEntry } from '../../journal/store.ts'

/** What is asked of the process that has the store open. Values are base64. */
export type Request = { readonly n: number; readonly store?: number } & (
  | { readonly kind: 'open' | 'seize' | 'close' | 'fill' | 'empty' | 'fail-sync' }
  | { readonly kind: 'write'; readonly rows: readonly (readonly [string, string | null])[] }
  | { readonly kind: 'get'; readonly key: string }
  | { readonly kind: 'scan'; readonly range?: KeyRange; readonly options?: ScanOptions }
)

export interface Answer {
  readonly store?: number
  readonly rows?: readonly (readonly [string, string])[]
  readonly failure?: { readonly code: string; readonly message: string }
}

type Question = Request extends infer Each
  ? Each extends Request
    ? Omit<Each, 'n'>
    : never
  : never

export const textOf = (value: Uint8Array): string => Buffer.from(value).toString('base64')
export const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'base64')

/** LevelDB in a process of its own. */
export class Remote {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #asked = 0

  constructor(child: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#process = spawn(process.execPath, [child, ...args], { env: { ...process.env, ...env } })
    this.#process.stderr.pipe(process.stderr)
    createInterface({ input: this.#process.stdout }).on('line', line => {
      const { n, ...answer } = JSON.parse(line) as Answer & { n: number }
      this.#waiting.get(n)?.(answer)
      this.#waiting.delete(n)
    })
  }

  /** Never answers once the process is dead. */
  async ask(question: Question): Promise<Answer> {
    const n = this.#asked++
    const answered = new Promise<Answer>(resolve => this.#waiting.set(n, resolve))
    this.#process.stdin.write(`${JSON.stringify({ ...question, n })}\n`)
    const { failure, ...answer } = await answered
    if (failure === undefined) return answer
    const { code, message } = failure
    if (!code.startsWith('JOURNAL_')) throw new Error(message)
    throw new JournalError(code as JournalErrorCode, message, { hint: '' })
  }

  async store(kind: 'open' | 'seize'): Promise<Store> {
    const { store = 0 } = await this.ask({ kind })
    return new RemoteStore(this, store)
  }

  async kill(): Promise<void> {
    const ended = once(this.#process, 'exit')
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.kill('SIGKILL')
    await ended
  }
}

class RemoteStore implements Store {
  readonly place = 'LevelDB in another process'
  readonly #remote: Remote
  readonly #store: number

  constructor(remote: Remote, store: number) {
    this.#remote = remote
    this.#store = store
  }

  batch(): StoreBatch {
    const rows: [string, string | null][] = []
    return {
      put: (key, value) => void rows.push([key, textOf(value)]),
      del: key => void rows.push([key, null]),
      write: async () => {
        await this.#remote.ask({ kind: 'write', store: this.#store, rows })
      },
      discard: async () => {},
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const { rows } = await this.#remote.ask({ kind: 'get', store: this.#store, key })
    return rows?.[0] && bytesOf(rows[0][1])
  }

  async getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    return Promise.all(keys.map(key => this.get(key)))
  }

  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<readonly StoreEntry[]> {
    const { rows = [] } = await this.#remote.ask({
      kind: 'scan',
      store: this.#store,
      range,
      options,
    })
    yield rows.map(([key, value]) => [key, bytesOf(value)])
  }

  async close(): Promise<void> {
    await this.#remote.ask({ kind: 'close', store: this.#store })
  }
}
