import type { CommandSpec, Example, Group } from './command-spec.ts'
import { wrapped } from './wrap.ts'

const GROUPS: readonly Group[] = ['Inspect', 'Operate', 'Journal', 'Setup']

const EXAMPLES: readonly Example[] = [
  ['perdure list --status failed', 'runs that failed'],
  ['perdure show @last', 'the newest run, as a timeline'],
  ['perdure tail', 'follow all that happens'],
  ['perdure why greet-ada', 'what keeps a run from going on'],
  ['perdure verify ./backup', 'check a copy'],
]

/** What `perdure --help` shows: examples, then the commands by what they are for. */
export function overview(commands: readonly CommandSpec[]): string {
  const known = EXAMPLES.filter(([example]) =>
    commands.some(({ name }) => example.split(' ')[1] === name),
  )
  const groups = GROUPS.map(group => {
    const own = commands.filter(spec => spec.group === group)
    return own.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}\n`).join('')
  })
  const lists = GROUPS.map((group, at) => (groups[at] === '' ? '' : `\n${group}\n${groups[at]}`))
  return `Looks into the journals of durable workflows, and asks their engines.

Examples:
${lines(known)}${lists.join('')}
The journal: -d ./data, or PERDURE_DIR, or "perdure": { "dir" } in package.json, or ./.perdure.
A run: its id, the end of its id, @last, @failed, @running, @parked, @last:workflow.
perdure <command> --help shows the rest.
`
}

/** The notes of a command, their paragraphs as wide as the terminal; what is indented stays as it is. */
export function notesText(notes: string, columns = WIDEST): string {
  const width = Math.min(columns, WIDEST)
  return paragraphs(notes)
    .flatMap(line => (line.startsWith(' ') ? [line] : wrapped(line, width)))
    .join('\n')
}

/** Lines that were broken only for want of room are put together again. */
function paragraphs(text: string): readonly string[] {
  const lines: string[] = []
  let last = ''
  for (const line of text.split('\n')) {
    const goesOn = last.length > SHORT && /^\S/.test(last) && /^(?!Exit status:)\S/.test(line)
    if (goesOn) lines.push(`${lines.pop()} ${line}`)
    else lines.push(line)
    last = line
  }
  return lines
}

const SHORT = 70

const WIDEST = 100

export const examplesText = (examples: readonly Example[], columns = WIDEST): string =>
  `Examples:\n${lines(examples, columns)}\n`

function lines(examples: readonly Example[], columns = WIDEST): string {
  const width = Math.max(
    ...examples.map(([command]) => command.length).filter(size => size < 50),
    0,
  )
  return examples
    .map(([command, does]) => {
      if (does === '') return `  ${command}\n`
      const line = `  ${command.padEnd(width)}  ${does}\n`
      return line.length - 1 <= columns ? line : `  ${command}\n      ${does}\n`
    })
    .join('')
}
