import { Command, CommanderError, Help } from 'commander'
import { packageVersion } from '../control/version.ts'
import type { CommandSpec } from './command-spec.ts'
import { commands } from './commands/all.ts'
import { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { tellFailure } from './failure.ts'
import { addGlobals, type Globals } from './globals.ts'
import { examplesText, notesText, overview } from './help.ts'
import type { Io } from './io.ts'
import { plainLines } from './plain.ts'
import { UsageError } from './usage.ts'

/** Runs the command with its arguments; resolves to the status to exit with, when all is written. */
export async function run(given: readonly string[], io: Io): Promise<Exit> {
  const status = await ran(given, io)
  await io.out.flushed()
  const { failure } = io.out
  if (failure === undefined) return status
  const { writeFailed } = await import('./write-failed.ts')
  const told = await tellFailure(writeFailed(OUTPUT, failure), io, wantsJson(given))
  return status === exit.ok ? told : status
}

const OUTPUT = {
  what: 'stdout',
  elsewhere: 'Or print to another place. What the command changed stays changed.',
  facts: { stream: 'stdout' },
}

async function ran(given: readonly string[], io: Io): Promise<Exit> {
  const [name, ...rest] = operands(given)
  if (name === COMPLETE) {
    const { complete } = await import('./complete.ts')
    return complete(rest, io)
  }
  const args = name === 'help' ? asHelp(rest) : given
  const isNamed: Wanted = spec => args.some(arg => arg === spec.name || arg === spec.alias)
  // Of the words behind `help` only the name is taken.
  const isJson = wantsJson(given)
  let status: Exit = exit.ok
  let refusal = ''
  const refuse = (text: string): void => {
    // It quotes what was given.
    if (isJson) refusal += text
    else void io.err.write(plainLines(text))
  }
  const program = programFor(
    { io, refuse },
    code => {
      status = code
    },
    isNamed,
    isCommand(operands(args)[0] ?? '') ? isNamed : () => true,
  )
  try {
    await program.parseAsync(args, { from: 'user' })
    return status
  } catch (error) {
    if (!(error instanceof CommanderError)) return tellFailure(error, io, isJson)
    if (error.exitCode === 0) return exit.ok
    if (!isJson) return exit.refused
    return tellFailure(usageError(refusal), io, isJson)
  }
}

/** All commands with all that they take: for completion and documentation. */
export const commandLine = (io: Io): Command =>
  programFor(
    { io, refuse: () => {} },
    () => {},
    () => true,
    () => true,
  )

/** From the name of the command on. */
function operands(args: readonly string[]): readonly string[] {
  const at = args.findIndex(arg => !arg.startsWith('-'))
  return at === -1 ? [] : args.slice(at)
}

/** `help list` is what some type for `list --help`. Of no command: let it be said that there is none. */
function asHelp([name]: readonly string[]): readonly string[] {
  if (name === undefined) return ['--help']
  return isCommand(name) ? [name, '--help'] : [name]
}

const isCommand = (name: string): boolean =>
  commands.some(spec => spec.name === name || spec.alias === name)

type Wanted = (spec: CommandSpec) => boolean

interface Refusing {
  readonly io: Io
  /** Given what is wrong with the arguments. */
  readonly refuse: (text: string) => void
}

/** Knows some of the commands, and of those that are wanted what they take: all take a while. */
function programFor(
  { io, refuse }: Refusing,
  done: (status: Exit) => void,
  wanted: Wanted,
  known: Wanted,
): Command {
  const program = addGlobals(new Command('perdure'))
    .description('Looks into the journals of durable workflows, and asks their engines.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: text => void io.out.write(text),
      writeErr: refuse,
    })
    .configureHelp({
      formatHelp: (command, help) =>
        command.parent === null ? overview(commands) : formatHelp.call(help, command, help),
    })
    .helpCommand(false)
    .showHelpAfterError('(perdure --help shows what there is)')
  for (const spec of commands) {
    if (!known(spec)) continue
    const command = program.command(spec.name).description(spec.summary)
    if (spec.alias !== undefined) command.alias(spec.alias)
    if (wanted(spec)) detail(command, spec, io, done)
  }
  return program
}

function detail(
  command: Command,
  { examples, notes, takes = same, run }: CommandSpec,
  io: Io,
  done: (status: Exit) => void,
): void {
  addGlobals(takes(command))
    .addHelpText('before', examplesText(examples, io.out.columns))
    .addHelpText('after', notes === undefined ? '' : `\n${notesText(notes, io.out.columns)}\n`)
    .action(async () => {
      const globals: Globals = command.optsWithGlobals()
      const context = new Context(io, globals, () => commandLine(io))
      try {
        done(await run(context, command.processedArgs, command.opts()))
      } catch (error) {
        if (error instanceof CommanderError) throw error
        done(await tellFailure(error, io, context.output.isJson, globals))
      }
    })
}

/** What commander says against the arguments: a line, and what to do in parentheses. */
function usageError(text: string): UsageError {
  const [what = '', ...help] = text.trimEnd().split('\n')
  const hint = help.map(line => line.replace(/^\(|\)$/g, '')).join(' ')
  return new UsageError('USAGE_INVALID', what.replace(/^error: /, ''), { hint })
}

/** What scripts of completion call; in no help. */
const COMPLETE = '__complete'

const { formatHelp } = Help.prototype

const same = (command: Command): Command => command

/** Errors of usage come before the flags are known. */
const wantsJson = (args: readonly string[]): boolean =>
  args.some(
    (arg, at) =>
      arg === '--json' || (/^(-o|--output)$/.test(args[at - 1] ?? '') && /json/.test(arg)),
  )
