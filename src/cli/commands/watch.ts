import type { CommandSpec } from '../command-spec.ts'
import type { WatchOptions } from '../watch.ts'
import { RUN } from './arguments.ts'

export const watch: CommandSpec = {
  name: 'watch',
  group: 'Inspect',
  summary: 'follow one run until it ends',
  examples: [
    ['perdure watch @last', 'its timeline, drawn again whenever something happens'],
    ['perdure watch order-17 | cat', 'a line for each entry'],
    ['perdure watch order-17 --exit-status && deploy', 'only if it completes'],
  ],
  notes: `Exit status: 0 when it has ended; with --exit-status 7 unless it has completed. 4: no engine
has the journal, so that nothing can happen.`,
  takes: command =>
    command.argument('<run>', RUN).option('--exit-status', 'exit with 7 unless it completes'),
  run: async (context, [run], options: WatchOptions) =>
    (await import('../watch.ts')).watch(context, String(run), options),
}
