import type { Command } from 'commander'
import {
  type Completed,
  type CompletedOption,
  completedCommands,
  completedOptions,
  type Expected,
  valueFlags,
} from './words.ts'

/** A script for fish 3 and later: one line for each thing to complete. */
export function fishScript(program: Command): string {
  const commands = completedCommands(program)
  const names = commands.flatMap(({ names }) => names).join(' ')
  const isBefore = `not __fish_seen_subcommand_from ${names}`
  const before = optionLines(completedOptions(program), isBefore)
  return `# perdure completion fish
function __perdure_ask
  perdure __complete $argv[1] (commandline -ct) (commandline -opc) 2>/dev/null
end
function __perdure_place
  # The command itself and the name of the one that is completed are two.
  set -l place 0
  set -l is_value 0
  for word in (commandline -opc)
    if test $is_value -eq 1
      set is_value 0
      continue
    end
    switch $word
      case ${valueFlags(program).join(' ')}
        set is_value 1
      case '-*'
      case '*'
        set place (math $place + 1)
    end
  end
  test $place -eq (math $argv[1] + 2)
end
complete -c perdure -f
${before.join('')}${commands.map(command => commandLines(command, names)).join('')}`
}

function commandLines({ names, summary, options, args }: Completed, all: string): string {
  const [name = ''] = names
  const is = `__fish_seen_subcommand_from ${names.join(' ')}`
  const lines = [
    line(`not __fish_seen_subcommand_from ${all}`, `-a ${quoted(name)}`, summary),
    ...optionLines(options, is),
    ...args.map((expected, place) => {
      const offered = offer(expected)
      return offered === '' ? '' : line(`${is}; and __perdure_place ${place}`, offered, '')
    }),
  ]
  return lines.join('')
}

const optionLines = (options: readonly CompletedOption[], when: string): readonly string[] =>
  options.map(({ flags, summary, value }) => {
    const spelled = flags.map(flag => `${flag.startsWith('--') ? '-l' : '-s'} ${bare(flag)}`)
    const all = [...spelled, ...(value === undefined ? [] : [valueText(value)])]
    return line(when, all.join(' '), summary)
  })

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
