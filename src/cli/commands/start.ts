import type { CommandSpec } from '../command-spec.ts'
import { CODE, DATA, textsOf, WITHOUT_ENGINE } from './send.ts'

export const start: CommandSpec = {
  name: 'start',
  group: 'Operate',
  summary: 'start a run of a workflow that the engine knows',
  examples: [
    [`perdure start greeting '{"name": "Ada"}'`, 'prints the id of the run'],
    ['perdure start greeting name=Ada --id greet-ada --wait', 'prints what it came to'],
    ['perdure start greeting name=Ada --code ./src/workflows.ts', 'also if no engine runs'],
  ],
  notes: `${DATA}\n\n${WITHOUT_ENGINE}`,
  takes: command =>
    command
      .argument('<workflow>', 'its id')
      .argument('[data...]', 'JSON, -, @file.json, or key=value pairs')
      .option('--id <id>', 'of the run; the same id and data again give the same run')
      .option('--wait', 'wait for its end, and print its output')
      .option('--exit-status', 'with --wait: exit with 7 unless it completed')
      .option('--code <module>', CODE),
  run: async (context, [workflow, data], options) =>
    (await import('../start.ts')).start(context, String(workflow), textsOf(data), options),
}

export const signal: CommandSpec = {
  name: 'signal',
  group: 'Operate',
  summary: 'resume the runs that wait for a signal',
  examples: [[`perdure signal approval/42 '{"by": "ada"}'`, '']],
  notes: `${DATA}\n\n${WITHOUT_ENGINE}`,
  takes: command =>
    command
      .argument('<signal>', 'its name')
      .argument('[data...]', 'JSON, -, @file.json, or key=value pairs')
      .option('--code <module>', CODE),
  run: async (context, [name, data], options) =>
    (await import('../start.ts')).signal(context, String(name), textsOf(data), options),
}
