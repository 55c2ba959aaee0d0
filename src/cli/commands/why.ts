import type { CommandSpec } from '../command-spec.ts'

export const why: CommandSpec = {
  name: 'why',
  group: 'Inspect',
  summary: 'what keeps a run from going on',
  examples: [
    ['perdure why @last', ''],
    ['perdure why greet-ada --json', 'for programs'],
  ],
  notes: `Of a run that waits for an event, events that came and did not fit are told, with the values that
differed. An engine that runs also tells which limit is in the way, and who holds it.`,
  takes: command =>
    command.argument('<run>', 'id, end of an id, @last, @failed, @running, @parked'),
  run: async (context, [run]) => (await import('../why.ts')).why(context, String(run)),
}
