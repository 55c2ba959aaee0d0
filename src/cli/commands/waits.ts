import { Option } from 'commander'
import type { CommandSpec } from '../command-spec.ts'
import { count } from './arguments.ts'

export const waits: CommandSpec = {
  name: 'waits',
  group: 'Inspect',
  summary: 'which runs wait for which events',
  examples: [
    ['perdure waits', 'the first 50, by the ids of their runs'],
    ['perdure waits --event app/user.deleted', 'who hears of this event'],
  ],
  takes: command =>
    command
      .option('--event <name>', 'only for this event; * stands for any text')
      .option('--workflow <id>', 'only of this workflow; * stands for any text')
      .addOption(new Option('--limit <n>', 'how many at most (default: 50)').argParser(count)),
  run: async (context, _, options) => (await import('../waits.ts')).waits(context, options),
}
