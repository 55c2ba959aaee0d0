import type { Command } from 'commander'
import { type Completed, type CompletedOption, completedCommands, type Expected } from './words.ts'

/** A script for zsh, on its own means of completion. */
export function zshScript(program: Command): string {
  const commands = completedCommands(program)
  return `#compdef perdure
# perdure completion zsh
_perdure() {
  local context state line
  local -a commands
  commands=(
${commands.map(({ names, summary }) => `    ${quoted(`${names[0]}:${summary}`)}`).join('\n')}
  )
  _arguments -C '1: :->command' '*:: :->rest' && return
  case "$state" in
    command) _describe command commands ;;
    rest)
      case "$words[1]" in
${commands.map(caseOf).join('\n')}
      esac ;;
  esac
}
_perdure_ask() {
  local -a found
  found=("\${(@f)$(perdure __complete "$1" "$PREFIX" perdure "\${(@)words}" 2>/dev/null)}")
  compadd -a found
}
if [ "$funcstack[1]" = _perdure ]; then _perdure "$@"; else compdef _perdure perdure; fi
`
}

function caseOf({ names, options, args }: Completed): string {
  const all = [...options.map(optionText), ...args.map(argumentText)]
  return `        ${names.join('|')}) _arguments -s ${all.map(quoted).join(' \\\n          ')} ;;`
}

function optionText({ flags, summary, value }: CompletedOption): string {
  const names = flags.length === 1 ? flags[0] : `(${flags.join(' ')})${flags.at(-1)}`
  const told = `[${summary.replace(/[[\]:\\]/g, '\\$&')}]`
  return `${names}${told}${value === undefined ? '' : `: :${action(value)}`}`
}

const argumentText = (expected: Expected, at: number): string => `${at + 1}: :${action(expected)}`

function action(expected: Expected): string {
  if (expected.kind === 'words') return `(${expected.words.join(' ')})`
  if (expected.kind === 'file') return '_files'
  return expected.kind === 'nothing' ? ' ' : `{_perdure_ask ${expected.kind}}`
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
