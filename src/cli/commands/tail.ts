import { Option } from 'commander'
import type { CommandSpec } from '../command-spec.ts'
import { names } from './arguments.ts'

export const tail: CommandSpec = {
  name: 'tail',
  group: 'Inspect',
  summary: 'all that happens, as it is committed',
  examples: [
    ['perdure tail', 'from now on, until Ctrl-C'],
    ["perdure tail --type 'run.*' --workflow 'billing-*'", 'only these entries'],
    ['perdure tail --after 88123 -o ndjson | jq -c .type', 'from a place on, and none is left out'],
    ['perdure tail --no-follow', 'all that is there'],
  ],
  notes: `Each entry has a cursor: the number of its commit, its record and its place in that. It is in NDJSON,
and what Ctrl-C tells: --after goes on behind it, also on another day, and leaves nothing out. With
--json NDJSON is printed, as the list has no end. When the engine goes away tail ends with 4; with
--retry it waits for it. Without an engine it prints what is stored, and ends.`,
  takes: command =>
    command
      .option('--after <cursor>', 'only what was committed behind it (default: from now on)')
      .option('--no-follow', 'end with what is there (default: from the beginning)')
      .option('--retry', 'when the engine goes away, wait until it is back')
      .option('--workflow <id>', 'only of this workflow; * stands for any text')
      .option('--run <run>', 'only of this run')
      .addOption(
        new Option('--type <names>', 'only such entries: run.*,step.failed').argParser(names),
      ),
  run: async (context, _, options) => (await import('../tail.ts')).tail(context, options),
}
