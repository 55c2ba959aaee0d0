import type { CommandSpec } from '../command-spec.ts'
import type { LoadCommandOptions } from '../load.ts'

export const load: CommandSpec = {
  name: 'load',
  group: 'Journal',
  summary: 'make a journal of a dump, in a new directory',
  examples: [
    ['perdure load dump.ndjson --into ./data --dry-run', 'check it; write nothing'],
    ['perdure load dump.ndjson.gz --into ./data', 'an engine that opens it carries on'],
    ['perdure dump ./a --json | perdure load - --into ./b', 'copy a journal'],
  ],
  notes: `The directory must be empty or absent. All commands that read take a dump as it is: -d dump.ndjson.
Exit status: 0 loaded, 2 it is no dump or the directory is not empty, 5 the dump is cut or was changed.`,
  takes: command =>
    command
      .argument(
        '<dump>',
        'a file that `perdure dump --json` wrote, packed by gzip or not; - for stdin',
      )
      .requiredOption('--into <dir>', 'the directory to write')
      .option('-n, --dry-run', 'check all of it, and write nothing'),
  run: async (context, [dump], options) =>
    (await import('../load.ts')).load(context, String(dump), options as LoadCommandOptions),
}
