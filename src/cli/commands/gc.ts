import { Option } from 'commander'
import type { CommandSpec } from '../command-spec.ts'
import { names } from './arguments.ts'

export const gc: CommandSpec = {
  name: 'gc',
  group: 'Journal',
  summary: 'remove runs that ended long ago',
  examples: [
    ['perdure gc --dry-run', 'how many would go'],
    ['perdure gc --older-than 7d --status completed', 'before the retention says so'],
  ],
  notes: `The engine removes what its retention says once an hour by itself. What is removed is gone for good;
of runs that continue each other all go when the last has ended that long ago. Without an engine the
journal itself is opened, and --older-than must say what is old; events stay until an engine runs.`,
  takes: command =>
    command
      .option('--older-than <span>', "ended so long ago: 7d, 12h (default: the engine's retention)")
      .addOption(new Option('--status <names>', 'only that ended so').argParser(names))
      .option('-y, --yes', 'do not ask')
      .option('-n, --dry-run', 'show how many runs would go'),
  run: async (context, _, options) => (await import('../gc.ts')).gc(context, options),
}
