import type { Outlet } from './io.ts'

const ESCAPE = '\u001b['
const ROWS = 24
/** Lines that stay at the top when there are too many. */
const HEAD = 4

/** A text on a terminal that is drawn over the one before. */
export class Redrawn {
  readonly #outlet: Pick<Outlet, 'write' | 'rows'>
  #lines = 0

  constructor(outlet: Pick<Outlet, 'write' | 'rows'>) {
    this.#outlet = outlet
  }

  /** No line of it may be wider than the terminal. What does not fit is left out in the middle. */
  async draw(text: string): Promise<void> {
    const lines = fitting(text.trimEnd().split('\n'), (this.#outlet.rows ?? ROWS) - 1)
    const back = this.#lines === 0 ? '' : `${ESCAPE}${this.#lines}A\r`
    this.#lines = lines.length
    const shown = lines.map(line => `${line}${ESCAPE}K\n`).join('')
    await this.#outlet.write(`${back}${shown}${ESCAPE}J`)
  }
}

function fitting(lines: readonly string[], rows: number): readonly string[] {
  if (lines.length <= rows) return lines
  const rest = Math.max(1, rows - HEAD - 1)
  return [
    ...lines.slice(0, HEAD),
    `   (${lines.length - HEAD - rest} lines)`,
    ...lines.slice(-rest),
  ]
}
