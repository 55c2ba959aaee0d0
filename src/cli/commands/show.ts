import type { CommandSpec } from '../command-spec.ts'
import type { ShowCommandOptions } from '../show.ts'
import { RUN } from './arguments.ts'

export const show: CommandSpec = {
  name: 'show',
  group: 'Inspect',
  summary: 'one run: what it did and when, and what went wrong',
  examples: [
    ['perdure show @last', 'the newest run'],
    ['perdure show @failed', 'the newest that failed'],
    ['perdure show order-17 --json | jq .spans', 'for programs'],
  ],
  notes: `Idle time is drawn shorter than it was. Sizes are those of the values in the run's entries. The
source of a failure is shown if its file can be read here; it may have changed since.`,
  takes: command =>
    command
      .argument('<run>', RUN)
      .option('--all', 'a row for each step, however many there are')
      .option('--no-collapse', 'idle time is drawn as long as it was'),
  run: async (context, [run], options: ShowCommandOptions) =>
    (await import('../show.ts')).show(context, String(run), options),
}
