import type { CommandSpec } from '../command-spec.ts'

export const diff: CommandSpec = {
  name: 'diff',
  group: 'Inspect',
  summary: 'how two runs differ: input, steps, results, outcome',
  examples: [
    ['perdure diff @last @failed', 'why did that one fail?'],
    ['perdure diff 9d0q 77p2 --json', 'for programs'],
  ],
  notes: `Exit status: 0 they took the same steps, each with the same outcome, and have the same status; 6 they
did not. Inputs, results, attempts and times are shown, and do not count.`,
  takes: command => command.argument('<a>', 'a run').argument('<b>', 'another'),
  run: async (context, [a, b]) =>
    (await import('../diff.ts')).diff(context, [String(a), String(b)]),
}
