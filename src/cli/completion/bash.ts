import type { Command } from 'commander'
import { type Completed, completedCommands, type Expected } from './words.ts'

/**
 * A script for bash 3.2 and later, also without bash-completion. What the shell has split at "=" and ":"
 * is one word again, because an id of a run may hold a colon.
 */
export function bashScript(program: Command): string {
  const commands = completedCommands(program)
  return `# perdure completion bash
_perdure() {
  local line="\${COMP_LINE:0:COMP_POINT}" word value='' command='' flags='' place=0 before=''
  local -a words
  read -ra words <<< "$line"
  case "$line" in *[[:space:]]) words+=('') ;; esac
  local last=$((\${#words[@]} - 1))
  local cur="\${words[last]}"
  local at
  for ((at = 1; at < last; at++)); do
    word="\${words[at]}"
    case "$value" in ?*) value=''; continue ;; esac
    case "$word" in
      --) ;;
      -*) value="$(_perdure_value "$command" "$word")" ;;
      *) if [ -z "$command" ]; then command="$word"; else place=$((place + 1)); fi ;;
    esac
  done
  COMPREPLY=()
  if [ -n "$value" ]; then _perdure_offer "$value"
  else
    case "$cur" in
      --*=*) before="\${cur%%=*}"; cur="\${cur#*=}"; _perdure_offer "$(_perdure_value "$command" "$before")" ;;
      -*) _perdure_offer "words $(_perdure_flags "$command")" ;;
      *) if [ -z "$command" ]; then _perdure_offer ${quoted(`words ${commandNames(commands)}`)}
        else _perdure_offer "$(_perdure_argument "$command" "$place")"; fi ;;
    esac
  fi
}
_perdure_offer() {
  local start="$cur" head
  case "$cur" in *:*) case "$COMP_WORDBREAKS" in *:*) start="\${cur##*:}" ;; esac ;; esac
  head="\${cur%"$start"}"
  local found
  case "$1" in
    words*) found="$(compgen -W "\${1#words}" -- "$cur")" ;;
    file) compopt -o filenames 2>/dev/null; found="$(compgen -f -- "$cur")" ;;
    run|workflow) found="$(_perdure_ask "$1" "$cur")" ;;
    *) return ;;
  esac
  local one
  while IFS= read -r one; do
    [ -n "$one" ] && COMPREPLY+=("\${one#"$head"}")
  done <<< "$found"
}
_perdure_ask() {
  perdure __complete "$1" "$2" "\${words[@]}" 2>/dev/null
}
_perdure_flags() {
  case "$1" in
${commands.map(flagsOf).join('\n')}
    *) echo ${quoted(flagsFor(program))} ;;
  esac
}
_perdure_value() {
  case "$1 $2" in
${commands.flatMap(valuesOf).join('\n')}
  esac
}
_perdure_argument() {
  case "$1 $2" in
${commands.flatMap(argumentsOf).join('\n')}
  esac
}
complete -F _perdure perdure
`
}

const commandNames = (commands: readonly Completed[]): string =>
  [...commands.map(({ names }) => names[0] ?? ''), 'help'].join(' ')

const flagsOf = ({ names, options }: Completed): string =>
  `    ${names.join('|')}) echo ${quoted(options.flatMap(({ flags }) => flags).join(' '))} ;;`

const flagsFor = (program: Command): string =>
  program.options.flatMap(({ short, long }) => [short, long].filter(Boolean)).join(' ')

/** Flags of all commands may stand before the name, too. */
function valuesOf({ names, options }: Completed, at: number): readonly string[] {
  return options.flatMap(({ flags, value }) => {
    if (value === undefined) return []
    const first = at === 0 ? [''] : []
    const places = [...names, ...first].flatMap(name =>
      flags.map(flag => quoted(`${name} ${flag}`)),
    )
    return [`    ${places.join('|')}) echo ${quoted(expectedText(value))} ;;`]
  })
}

const argumentsOf = ({ names, args }: Completed): readonly string[] =>
  args.map((expected, place) => {
    const places = names.map(name => quoted(`${name} ${place}`))
    return `    ${places.join('|')}) echo ${quoted(expectedText(expected))} ;;`
  })

const expectedText = (expected: Expected): string =>
  expected.kind === 'words' ? `words ${expected.words.join(' ')}` : expected.kind

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
