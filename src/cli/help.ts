import type { CommandSpec, Example, Group } from './command-spec.ts'

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

export const examplesText = (examples: readonly Example[]): string =>
  `Examples:\n${lines(examples)}\n`

function lines(examples: readonly Example[]): string {
  const width = Math.max(
    ...examples.map(([command]) => command.length).filter(size => size < 50),
    0,
  )
  return examples
    .map(([command, does]) => `  ${does === '' ? command : `${command.padEnd(width)}  ${does}`}\n`)
    .join('')
}
