import type { CommandSpec } from '../command-spec.ts'
import type { ReplayCommandOptions } from '../replay.ts'

export const replay: CommandSpec = {
  name: 'replay',
  group: 'Journal',
  summary: "today's code against stored runs: is it safe to deploy?",
  examples: [
    ['perdure replay --code ./src/workflows.ts -d ./data', 'all runs that are under way'],
    ['perdure replay --code ./src/workflows.ts -d dump.ndjson', 'those of a dump, as in CI'],
    ['perdure replay --code ./dist/workflows.js --run @failed', 'one run, ended or not'],
  ],
  notes: `No step body runs and nothing is written: results come from the journal. But the module itself is
executed, as an import does: name one that only defines workflows. Its exports may be workflows, arrays
and records of them. TypeScript needs Node 22.18, or tsx installed beside the code.

Exit status: 0 every run under way goes on with this code, 6 some do not (with --ended also: some that
have ended differ before their end; with --run: this one differs), 2 the code cannot be loaded.`,
  takes: command =>
    command
      .requiredOption('--code <module>', 'the module that exports the workflows')
      .option('--workflow <id>', 'only runs of this workflow; * stands for any text')
      .option('--run <run>', 'only this run; ended ones as well')
      .option('--ended', 'runs that have ended as well'),
  run: async (context, _, options) =>
    (await import('../replay.ts')).replay(context, options as ReplayCommandOptions),
}
