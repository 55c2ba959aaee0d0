/** What became of one run, a mark for each second. */
export interface Lane {
  readonly label: string
  /** The second at which it came. */
  readonly from: number
  readonly marks: string
  /** How it ended, where that needs a word. */
  readonly note: string
}

export interface Picture {
  readonly title: string
  /** What came, a letter for each second, and what was done by hand. */
  readonly rows: readonly { readonly label: string; readonly marks: string }[]
  readonly lanes: readonly Lane[]
}

export const LEGEND = `
. waits for its turn   # a step executes   - under way, but no step executes
~ gathers, a letter where it gets that     | completed
x skipped              / cancelled         ! failed
`.trim()

const LABEL = 9
const TICK = 10
const WIDTH = 80

/** As plain text, of at most 80 columns. */
export function drawn({ title, rows, lanes }: Picture): string {
  const seconds = Math.max(...lanes.map(({ from, marks }) => from + marks.length))
  const lines = [
    title,
    '',
    line('seconds', axis(seconds)),
    ...rows.map(({ label, marks }) => line(label, marks)),
    '',
    ...lanes.map(({ label, from, marks, note }) =>
      line(label, `${' '.repeat(from)}${marks}${note === '' ? '' : `  ${note}`}`),
    ),
  ]
  const long = lines.find(each => each.length > WIDTH)
  if (long !== undefined) throw new Error(`longer than ${WIDTH} columns: ${long}`)
  return lines.join('\n')
}

const line = (label: string, marks: string): string => `${label.padEnd(LABEL)} ${marks}`.trimEnd()

function axis(seconds: number): string {
  let marks = ''
  for (let second = 0; second <= seconds; second += TICK) marks += `${second}`.padEnd(TICK)
  return marks.trimEnd()
}
