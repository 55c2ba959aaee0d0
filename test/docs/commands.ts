import { Readable, Writable } from 'node:stream'
import { type Command, CommanderError } from 'commander'
import { type Io, Outlet } from '../../src/cli/io.ts'
import { commandLine } from '../../src/cli/program.ts'

const WORD = /'([^']*)'|"([^"]*)"|([^\s'"]+)/g

/** The arguments of each call of `perdure` in a block of shell, one a line at most. */
export function commandsIn(code: string): readonly (readonly string[])[] {
  return code
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map(line => line.replace(/(^|\s)#.*/, ''))
    .flatMap(line => line.split(/\s(?:\||&&|;)\s/))
    .flatMap(call => /^\s*(?:\$ )?(?:npx )?perdure(?:\s+(.*))?$/.exec(call)?.[1] ?? [])
    .map(args => [...args.replace(/\s[<>].*/, '').matchAll(WORD)].map(wordOf))
}

const wordOf = ([, single, double, plain]: RegExpMatchArray): string =>
  single ?? double ?? plain ?? ''

/** What the command line has against these arguments. Nothing is run. */
export function fault(args: readonly string[]): string | undefined {
  const program = idle(commandLine(io()))
  try {
    program.parse(args, { from: 'user' })
    return undefined
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? undefined : error.message
  }
}

function idle(program: Command): Command {
  for (const command of program.commands) idle(command).action(() => {})
  return program
}

const nowhere = (): Outlet => new Outlet(new Writable({ write: (_, __, done) => done() }))

const io = (): Io => ({
  ...{ out: nowhere(), err: nowhere(), input: Readable.from([]) },
  ...{ env: {}, cwd: '.', scratch: '.', now: () => 0 },
})
