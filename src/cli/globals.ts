import { type Command, InvalidArgumentError, Option } from 'commander'

/** Flags that every command takes. */
export interface Globals {
  readonly dir?: string
  readonly snapshot?: true
  readonly json?: true
  readonly output?: Format
  readonly plain?: true
  readonly fields?: readonly string[]
  readonly time?: TimeStyle
  /** `false`: --no-color. */
  readonly color?: ColorWhen | false
  readonly ascii?: true
  readonly width?: number
  readonly pager?: boolean
  readonly quiet?: true
  readonly showSecrets?: true
}

export type Format = 'table' | 'plain' | 'json' | 'ndjson'
export type TimeStyle = 'relative' | 'iso' | 'epoch'
export type ColorWhen = 'auto' | 'always' | 'never'

/** Columns that lines may be asked to have. */
export const NARROWEST = 40
export const WIDEST = 1_000

/** Commands and the program itself take them, so that they may stand before and behind the name. */
export function addGlobals(command: Command): Command {
  for (const option of globals()) command.addOption(option.helpGroup('Of all commands:'))
  return command
}

const globals = (): readonly Option[] => [
  new Option('-d, --dir <path>', 'directory of a journal, or a dump of one ("-": from stdin)'),
  new Option('--snapshot', 'read a copy, even if an engine runs'),
  new Option('--json', 'the same as -o json').conflicts(['output', 'plain']),
  new Option('-o, --output <format>', 'how to print').choices(['table', 'plain', 'json', 'ndjson']),
  new Option('--plain', 'the same as -o plain: tabs, nothing cut').conflicts('output'),
  new Option('--fields <names>', 'columns or properties, in this order').argParser(list),
  new Option('--time <style>', 'how times are printed').choices(['relative', 'iso', 'epoch']),
  new Option('--color <when>', 'default: on a terminal').choices(['auto', 'always', 'never']),
  new Option('--no-color', 'the same as --color never').default(undefined),
  new Option('--ascii', 'no characters but those of ASCII'),
  new Option('--width <columns>', 'as if the terminal had so many').argParser(columns),
  new Option('--no-pager', 'never call $PAGER'),
  new Option('-q, --quiet', 'nothing but data and errors'),
  new Option('--show-secrets', 'print what is marked as secret'),
]

const list = (text: string): readonly string[] =>
  text
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')

function columns(text: string): number {
  const width = Number(text)
  if (Number.isInteger(width) && width >= NARROWEST && width <= WIDEST) return width
  throw new InvalidArgumentError(`Give a whole number from ${NARROWEST} to ${WIDEST}.`)
}
