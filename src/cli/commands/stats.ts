import type { CommandSpec } from '../command-spec.ts'

export const stats: CommandSpec = {
  name: 'stats',
  group: 'Inspect',
  summary: 'how much there is of everything, and how long runs take',
  examples: [
    ['perdure stats', ''],
    ['perdure stats --json | jq .status.failed', 'for programs'],
  ],
  notes: `Times are of runs that completed, from when they were scheduled: of 1,000 of each workflow, spread
over all of them.`,
  run: async context => (await import('../stats.ts')).stats(context),
}
