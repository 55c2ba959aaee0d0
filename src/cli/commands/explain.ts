import type { CommandSpec } from '../command-spec.ts'

export const explain: CommandSpec = {
  name: 'explain',
  group: 'Setup',
  summary: 'what an error code means, why it happens, and what to do',
  examples: [
    ['perdure explain STEP_FAILED', ''],
    ['perdure explain', 'all codes'],
  ],
  takes: command => command.argument('[code]', 'the code of an error'),
  run: async (context, [code]) =>
    (await import('../explain.ts')).explain(context, code === undefined ? code : String(code)),
}
