import type { CommandSpec } from '../command-spec.ts'
import { RUN } from './arguments.ts'

export const step: CommandSpec = {
  name: 'step',
  group: 'Inspect',
  summary: 'one step of a run: its result, and all attempts with their errors',
  examples: [
    ['perdure step @failed ship', ''],
    ['perdure step order-17 charge:1 --json', 'the second of that name, for programs'],
  ],
  notes: `What a step was given is not recorded: its body is code of the run, and sees what that sees.
Sleeps, waits, children and sent events can be asked for as well; what has no id, by its seq.`,
  takes: command =>
    command
      .argument('<run>', RUN)
      .argument('<step>', 'id, with its occurrence from the second on, or seq of its entry'),
  run: async (context, [run, id]) =>
    (await import('../step.ts')).step(context, String(run), String(id)),
}
