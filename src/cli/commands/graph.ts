import { Option } from 'commander'
import type { CommandSpec } from '../command-spec.ts'
import { count } from './arguments.ts'

export const graph: CommandSpec = {
  name: 'graph',
  group: 'Inspect',
  summary: 'the steps that runs of a workflow took, as a flowchart of Mermaid',
  examples: [
    ['perdure graph fulfil-order', 'over all runs'],
    ['perdure graph fulfil-order --limit 100 > steps.mmd', 'over the newest hundred'],
    ['perdure graph --state', 'what may happen to a run, as a state diagram'],
  ],
  notes: `What is shown was observed, not read from the code: a branch that no run took is not there. Numbers
say how often. Of two answers of which the code needed only one, the later leads to what came next.`,
  takes: command =>
    command
      .argument('[workflow]', 'its id')
      .option('--state', 'the states of a run and what leads from one to another')
      .option('--since <time>', 'runs scheduled since then: 24h, 2026-01-31, ISO 8601')
      .addOption(new Option('--limit <n>', 'only so many runs, the newest').argParser(count)),
  run: async (context, [workflow], options) =>
    (await import('../graph.ts')).graph(
      context,
      typeof workflow === 'string' ? workflow : undefined,
      options,
    ),
}
