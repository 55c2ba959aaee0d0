import type { Argument, Command, Option } from 'commander'
import { runStatuses } from '../../../journal/lifecycle.ts'

/** What may stand in a place of the command line. */
export type Expected =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'run' | 'workflow' | 'file' | 'nothing' }

/** A command as a shell completes it. */
export interface Completed {
  /** Its name and its alias. */
  readonly names: readonly string[]
  readonly summary: string
  readonly options: readonly CompletedOption[]
  /** Its arguments, in order; the last one may go on. */
  readonly args: readonly Expected[]
}

export interface CompletedOption {
  readonly flags: readonly string[]
  readonly summary: string
  /** Absent: it takes no value. */
  readonly value?: Expected
}

export const completedCommands = (program: Command): readonly Completed[] =>
  program.commands.map(command => ({
    names: [command.name(), ...command.aliases()],
    summary: command.description(),
    options: [...optionsOf(command), HELP],
    args: argumentsOf(command).map(expectedArgument),
  }))

/** What may stand before the name of a command. */
export const completedOptions = (program: Command): readonly CompletedOption[] => [
  ...optionsOf(program),
  HELP,
]

/** All flags behind which a value follows. */
export const valueFlags = (program: Command): readonly string[] => {
  const all = [program, ...program.commands].flatMap(optionsOf)
  return [...new Set(all.flatMap(({ flags, value }) => (value === undefined ? [] : flags)))]
}

const HELP: CompletedOption = { flags: ['-h', '--help'], summary: 'how it is used' }

/** Behind the last argument of those that may be repeated, the same may follow. */
function argumentsOf({ registeredArguments }: Command): readonly Argument[] {
  const last = registeredArguments.at(-1)
  return last?.variadic ? [...registeredArguments, last, last, last] : registeredArguments
}

const optionsOf = ({ options }: Command): readonly CompletedOption[] =>
  options
    .filter(({ hidden }) => !hidden)
    .map(option => {
      const { short, long, description, required, optional } = option
      const flags = [short, long].filter(flag => flag !== undefined)
      return {
        flags,
        summary: description,
        ...((required || optional) && { value: expectedValue(option) }),
      }
    })

const FILES = /dir|path|file|module|scratch/
const RUNS = /^(run|runs|a|b|other)$/

function expectedArgument(argument: Argument): Expected {
  const { argChoices } = argument
  return argChoices === undefined ? byName(argument.name()) : { kind: 'words', words: argChoices }
}

function expectedValue({ argChoices, flags, long }: Option): Expected {
  if (argChoices !== undefined) return { kind: 'words', words: argChoices }
  if (long === '--status') return { kind: 'words', words: runStatuses }
  if (long === '--run' || long === '--workflow') {
    return { kind: long === '--run' ? 'run' : 'workflow' }
  }
  return byName(/<(.+?)>/.exec(flags)?.[1] ?? '')
}

function byName(name: string): Expected {
  if (RUNS.test(name)) return { kind: 'run' }
  if (name === 'workflow') return { kind: 'workflow' }
  return { kind: FILES.test(name) ? 'file' : 'nothing' }
}
