import { Option } from 'commander'
import type { CommandSpec } from '../command-spec.ts'
import { count, names } from './arguments.ts'

export const list: CommandSpec = {
  name: 'list',
  alias: 'ls',
  group: 'Inspect',
  summary: 'runs, newest first',
  examples: [
    ['perdure list', 'the 50 newest'],
    ['perdure list --status failed --since 24h', 'what went wrong since yesterday'],
    ["perdure list --workflow 'billing-*' -o ndjson | jq .id", 'for programs'],
  ],
  takes: command =>
    command
      .addOption(new Option('--status <names>', 'only these, separated by commas').argParser(names))
      .option('--workflow <id>', 'only of this workflow; * stands for any text')
      .option('--since <time>', 'scheduled since then: 24h, 2026-01-31, ISO 8601')
      .option('--until <time>', 'scheduled before then')
      .addOption(new Option('--limit <n>', 'how many at most (default: 50)').argParser(count)),
  run: async (context, _, options) => (await import('../list.ts')).list(context, options),
}
