import { Option } from 'commander'
import type { CommandSpec } from '../command-spec.ts'
import type { EventsOptions } from '../events.ts'
import { count, RUN } from './arguments.ts'

export const events: CommandSpec = {
  name: 'events',
  group: 'Inspect',
  summary: 'the entries of one run, decoded',
  examples: [
    ['perdure events @failed', 'all that is recorded of it'],
    ['perdure events order-17 --limit 20', 'the first 20'],
    ["perdure events order-17 -o ndjson | jq 'select(.step)'", 'for programs'],
  ],
  takes: command =>
    command
      .argument('<run>', RUN)
      .addOption(new Option('--limit <n>', 'how many at most (default: all)').argParser(count))
      .option('--raw', 'keys, sizes and checksums of the rows as well; not from an engine'),
  run: async (context, [run], options: EventsOptions) =>
    (await import('../events.ts')).events(context, String(run), options),
}
