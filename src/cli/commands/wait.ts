import type { CommandSpec } from '../command-spec.ts'

export const wait: CommandSpec = {
  name: 'wait',
  group: 'Operate',
  summary: 'wait for the end of a run, and print its output',
  examples: [
    ['perdure wait greet-ada | jq .', 'its output, as JSON'],
    ['perdure wait greet-ada --timeout 30s --exit-status', '8: not yet, 7: it did not complete'],
  ],
  notes: `A run that is parked has come to an end here, too: only a person can mend it. Of one that continued
as another, the last is waited for.`,
  takes: command =>
    command
      .argument('<run>', 'id, end of an id, @last, @running')
      .option('--timeout <span>', 'give up after: 30s, 15m')
      .option('--exit-status', 'exit with 7 unless it completed'),
  run: async (context, [run], options) =>
    (await import('../wait.ts')).wait(context, String(run), options),
}
