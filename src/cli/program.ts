import { createRequire } from 'node:module'
import { Command, CommanderError, Option } from 'commander'
import type { DumpCommandOptions } from './dump.ts'
import { type Exit, exit } from './exit.ts'
import { explain } from './failure.ts'
import type { Io } from './io.ts'

const EXAMPLES = `Examples:
  perdure dump ./data                  every run as a story, one line an entry
  perdure dump ./data --run greet-ada  one run
  perdure dump ./data --json > a.ndjson
  perdure verify ./data && echo sound

Both read a copy: they change nothing, and work beside a running engine.
`

const DUMP_EXAMPLES = `Examples:
  perdure dump ./data
  perdure dump ./data --run greet-ada
  perdure dump ./data --json | jq 'select(.type == "step.failed")'
  perdure dump ./data --run greet-ada --as vitest > test/greet-ada.test.ts

--as vitest writes a test that plays the run again: its code is real, and whatever came to it from
outside (results of steps, events, signals, children, time) comes as it was recorded. Of a run that
has not ended, the test ends where the record does. Adapt the line that imports the workflow.
A run begins with all that it had gathered, and limits do not hold it up. There is no test of one that
limits have kept from beginning (it waits, gathers, or was skipped): exit status 2.

Nothing is redacted unless --redact says so: a journal may hold what a repository must not.
  --redact user.email,card  all in properties that such a path of keys ends at, wherever they are
  --redact all              all texts and bytes; numbers, booleans, dates and ids stay
One text has one placeholder throughout, so that events still match. Code that looks into a value
may go another way with a placeholder: name paths rather than all.
`

const VERIFY_EXAMPLES = `Examples:
  perdure verify ./data
  perdure verify ./backup && rm -r ./older-backup

Exit status: 0 sound, 5 damaged (one line a finding), 2 it could not be read.
`

/** Runs the command with its arguments; resolves to the status to exit with. */
export async function run(args: readonly string[], io: Io): Promise<Exit> {
  let status: Exit = exit.ok
  const program = programFor(io, code => {
    status = code
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return status
  } catch (error) {
    if (!(error instanceof CommanderError)) return explain(error, io)
    return error.exitCode === 0 ? exit.ok : exit.refused
  }
}

// The files of the commands open LevelDB: they are loaded when they are needed.
function programFor(io: Io, done: (status: Exit) => void): Command {
  const program = new Command('perdure')
    .description('Looks into the journals of durable workflows.')
    .version(version(), '--version', 'print the version')
    .addHelpText('before', EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: text => void io.out.write(text),
      writeErr: text => void io.err.write(text),
    })
    .showHelpAfterError('(perdure --help shows what there is)')
  program
    .command('dump')
    .description('print what happened in each run')
    .argument('<dir>', 'directory of a journal')
    .option('--run <id>', 'only this run')
    .option('--json', 'one JSON object a line, between a header and a trailer')
    .addOption(
      new Option('--as <kind>', 'the run as a test file, on stdout; needs --run')
        .choices(['vitest'])
        .conflicts('json'),
    )
    .option('--redact <what>', 'paths of keys, or "all": placeholders instead of values; for --as')
    .addHelpText('before', DUMP_EXAMPLES)
    .action(async (dir: string, options: DumpCommandOptions) => {
      mustFit(program, options)
      const { dump } = await import('./dump.ts')
      done(await dump(dir, options, io))
    })
  program
    .command('verify')
    .description('check every checksum, the chain, and the indexes')
    .argument('<dir>', 'directory of a journal')
    .addHelpText('before', VERIFY_EXAMPLES)
    .action(async (dir: string) => {
      const { verify } = await import('./verify.ts')
      done(await verify(dir, io))
    })
  return program
}

function mustFit(program: Command, { as, run, redact }: DumpCommandOptions): void {
  if (as !== undefined && run === undefined) {
    program.error("error: option '--as <kind>' needs '--run <id>'")
  }
  if (redact !== undefined && as === undefined) {
    program.error("error: option '--redact <what>' needs '--as <kind>'")
  }
}

function version(): string {
  // By the package's own name: the file is at another depth before and after the build.
  const found: unknown = createRequire(import.meta.url)('perdure/package.json')
  const isPackage = typeof found === 'object' && found !== null && 'version' in found
  return isPackage ? String(found.version) : 'unknown'
}
