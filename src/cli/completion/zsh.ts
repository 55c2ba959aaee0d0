import type { Command } from 'commander'
import {
  type Completed,
  type CompletedOption,
  completedCommands,
  completedOptions,
  type Expected,
} from './words.ts'

/** A script for zsh, on its own means of completion. */
export function zshScript(program: Command): string {
  const commands = completedCommands(program)
  const before = completedOptions(program).flatMap(optionTexts).map(quoted)
  return `#compdef perdure
# perdure completion zsh
_perdure() {
  local curcontext="$curcontext" context state state_descr line
  typeset -A opt_args
  # All of them: what stands behind the name of a command has words of its own.
  local -a commands asked=("\${(@)words}")
  commands=(
${commands.map(({ names, summary }) => `    ${quoted(`${names[0]}:${summary.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  _arguments -C ${before.join(' \\\n    ')} \\
    '(-)1: :->command' '(-)*:: :->rest' && return
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
  found=("\${(@f)$(perdure __complete "$1" "$PREFIX" "\${(@)asked}" 2>/dev/null)}")
  compadd -a found
}
if [ "$funcstack[1]" = _perdure ]; then _perdure "$@"; else compdef _perdure perdure; fi
`
}

function caseOf({ names, options, args }: Completed): string {
  const all = [...options.flatMap(optionTexts), ...args.map(argumentText)]
  return `        ${names.join('|')}) _arguments -s ${all.map(quoted).join(' \\\n          ')} ;;`
}

function optionTexts({ flags, summary, value }: CompletedOption): readonly string[] {
  const told = `[${summary.replace(/[[\]:\\]/g, '\\$&')}]`
  const takes = value === undefined ? '' : `: :${action(value)}`
  // Of a long flag the value may also stand behind an equals sign.
  const glued = (flag: string): string => (value !== undefined && flag.startsWith('--') ? '=' : '')
  return flags.map(flag => `(${flags.join(' ')})${flag}${glued(flag)}${told}${takes}`)
}

const argumentText = (expected: Expected, at: number): string => `${at + 1}: :${action(expected)}`

function action(expected: Expected): string {
  if (expected.kind === 'words') return `(${expected.words.join(' ')})`
  if (expected.kind === 'file') return '_files'
  return expected.kind === 'nothing' ? ' ' : `{_perdure_ask ${expected.kind}}`
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
