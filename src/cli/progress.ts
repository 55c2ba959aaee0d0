import type { Globals } from './globals.ts'
import type { Io } from './io.ts'
import { type Looks, looksOf } from './looks.ts'
import { tookText } from './times.ts'
import { cut } from './width.ts'

const EVERY_MS = 100
const BAR = 20
const CLEAR = '\r\u001b[2K'

/**
 * How far long work has got: one line on stderr, drawn anew again and again, and gone in the end. Only
 * on a terminal, and not with --quiet.
 */
export class Progress {
  readonly #io: Pick<Io, 'err' | 'now'>
  readonly #what: string
  readonly #looks: Looks
  readonly #isShown: boolean
  readonly #began: number
  #drawnAt: number
  #isDrawn = false

  /** `what` is being done: `checking`. */
  constructor({ io, globals }: { readonly io: Io; readonly globals: Globals }, what: string) {
    this.#io = io
    this.#what = what
    this.#looks = looksOf(io.err, globals, io)
    this.#isShown = io.err.isTerminal && globals.quiet !== true && io.env.TERM !== 'dumb'
    this.#began = io.now()
    this.#drawnAt = this.#began
  }

  /** `done` of `total`, in any unit; without a `total` there is no bar. */
  at(done: number, total?: number, unit = ''): void {
    const now = this.#io.now()
    if (!this.#isShown || now - this.#drawnAt < EVERY_MS) return
    this.#drawnAt = now
    this.#isDrawn = true
    const line = this.#line(done, total, unit, now - this.#began)
    void this.#io.err.write(`${CLEAR}${cut(line, this.#looks.columns - 1, this.#looks.ascii)}`)
  }

  /** Makes way for other text: call it before any is written, and at the end. */
  clear(): void {
    if (!this.#isDrawn) return
    this.#isDrawn = false
    void this.#io.err.write(CLEAR)
  }

  #line(done: number, total: number | undefined, unit: string, ms: number): string {
    const count = total === undefined ? number(done) : `${number(done)}/${number(total)}`
    const bar = total === undefined ? '' : `${this.#bar(done / Math.max(1, total))}  `
    return `${this.#what}  ${bar}${count}${unit === '' ? '' : ` ${unit}`}  ${tookText(ms)}`
  }

  #bar(part: number): string {
    const full = Math.max(0, Math.min(BAR, Math.round(part * BAR)))
    const [done, left] = this.#looks.ascii ? ['#', '.'] : ['█', '░']
    return done.repeat(full) + left.repeat(BAR - full)
  }
}

const number = (count: number): string => count.toLocaleString('en-US')
