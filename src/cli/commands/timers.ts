import { Option } from 'commander'
import type { CommandSpec } from '../command-spec.ts'
import { count } from './arguments.ts'

export const timers: CommandSpec = {
  name: 'timers',
  group: 'Inspect',
  summary: 'what will fire and when',
  examples: [
    ['perdure timers', 'the 50 that are due first'],
    ['perdure timers --next 24h -o ndjson', 'for programs'],
  ],
  takes: command =>
    command
      .option('--next <span>', 'only what is due within: 15m, 24h, 7d')
      .addOption(new Option('--limit <n>', 'how many at most (default: 50)').argParser(count)),
  run: async (context, _, options) => (await import('../timers.ts')).timers(context, options),
}
