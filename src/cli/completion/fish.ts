import type { Command } from 'commander'
import { type Completed, completedCommands, type Expected } from './words.ts'

/** A script for fish 3 and later: one line for each thing to complete. */
export function fishScript(program: Command): string {
  const commands = completedCommands(program)
  const names = commands.map(({ names: [name] }) => name).join(' ')
  return `# perdure completion fish
function __perdure_ask
  perdure __complete $argv[1] (commandline -ct) (commandline -opc) 2>/dev/null
end
function __perdure_place
  set -l words (commandline -opc)
  set -l place -2
  for word in $words
    string match -q -- '-*' $word; or set place (math $place + 1)
  end
  test $place -eq $argv[1]
end
complete -c perdure -f
${commands.map(command => commandLines(command, names)).join('')}`
}

function commandLines({ names, summary, options, args }: Completed, all: string): string {
  const [name = ''] = names
  const is = `__fish_seen_subcommand_from ${names.join(' ')}`
  const lines = [
    line(`not __fish_seen_subcommand_from ${all}`, `-a ${quoted(name)}`, summary),
    ...options.map(({ flags, summary: does, value }) => {
      const spelled = flags.map(flag => `${flag.startsWith('--') ? '-l' : '-s'} ${bare(flag)}`)
      return line(
        is,
        [...spelled, ...(value === undefined ? [] : [valueText(value)])].join(' '),
        does,
      )
    }),
    ...args.map((expected, place) => {
      const offered = offer(expected)
      return offered === '' ? '' : line(`${is}; and __perdure_place ${place}`, offered, '')
    }),
  ]
  return lines.join('')
}

const line = (when: string, what: string, does: string): string =>
  `complete -c perdure -n ${quoted(when)} ${what}${does === '' ? '' : ` -d ${quoted(does)}`}\n`

const bare = (flag: string): string => flag.replace(/^-+/, '')

const valueText = (expected: Expected): string =>
  expected.kind === 'file' ? '-r -F' : `-x ${offer(expected)}`.trimEnd()

function offer(expected: Expected): string {
  if (expected.kind === 'words') return `-a ${quoted(expected.words.join(' '))}`
  if (expected.kind === 'file') return '-F'
  return expected.kind === 'nothing' ? '' : `-a ${quoted(`(__perdure_ask ${expected.kind})`)}`
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
