import { Option } from 'commander'
import type { CommandSpec } from '../command-spec.ts'
import type { DumpCommandOptions } from '../dump.ts'
import { UsageError } from '../usage.ts'

export const dump: CommandSpec = {
  name: 'dump',
  group: 'Journal',
  summary: 'what happened in each run, for people, for programs, or as a test',
  examples: [
    ['perdure dump ./data', 'every run as a story, one line an entry'],
    ['perdure dump ./data --run greet-ada', 'one run'],
    [
      'perdure dump ./data --json > all.ndjson',
      'one JSON object a line, to load or to look through',
    ],
    ['perdure dump ./data --anonymize > bug.ndjson', 'with fakes for texts, to be shown around'],
    ['perdure dump ./data --run greet-ada --as vitest > test/greet-ada.test.ts', ''],
  ],
  notes: `--as vitest writes a test that plays the run again: its code is real, and whatever came to it from
outside (results of steps, events, signals, children, time) comes as it was recorded. Of a run that
has not ended, the test ends where the record does. Adapt the line that imports the workflow.
A run begins with all that it had gathered, and limits do not hold it up. There is no test of one that
limits have kept from beginning (it waits, gathers, or was skipped): exit status 2.

--anonymize keeps what is code (ids of workflows and steps, names of events and of properties), numbers,
booleans and dates. What was equal is equal afterwards; the same text has another fake in each dump.

Nothing is redacted unless --redact says so: a journal may hold what a repository must not.
  --redact user.email,card  all in properties that such a path of keys ends at, wherever they are
  --redact all              all texts and bytes; numbers, booleans, dates and ids stay
One text has one placeholder throughout, so that events still match. Code that looks into a value
may go another way with a placeholder: name paths rather than all.

Exit status: 5 the journal is damaged, or commits that were acknowledged are missing at its end; JSON has no
trailer then, and is not loaded.`,
  takes: command =>
    command
      .argument('[dir]', 'directory of a journal (default: as for all commands)')
      .option('--run <id>', 'only this run')
      .addOption(
        new Option('--as <kind>', 'the run as a test file, on stdout; needs --run')
          .choices(['vitest'])
          .conflicts('json'),
      )
      .addOption(
        new Option(
          '--anonymize',
          'JSON in which fakes stand for the texts, bytes and ids of users',
        ).conflicts(['as', 'plain']),
      )
      .option(
        '--redact <what>',
        'paths of keys, or "all": placeholders instead of values; for --as',
      ),
  run: async (context, [dir], options: DumpCommandOptions) => {
    mustFit(options, context.output.isJson)
    return (await import('../dump.ts')).dump(context, dirOf(dir), options)
  },
}

export const dirOf = (dir: unknown): string | undefined =>
  typeof dir === 'string' ? dir : undefined

function mustFit({ as, run, redact }: DumpCommandOptions, isJson: boolean): void {
  if (as !== undefined && isJson) throw needs("option '--as <kind>' cannot be used with '--json'")
  if (as !== undefined && run === undefined) throw needs("option '--as <kind>' needs '--run <id>'")
  if (redact !== undefined && as === undefined) {
    throw needs("option '--redact <what>' needs '--as <kind>'")
  }
}

const needs = (what: string): UsageError =>
  new UsageError('USAGE_INVALID', what, { hint: 'perdure dump --help shows how it is used.' })
