import { type Command, Option } from 'commander'
import type { CommandSpec } from '../command-spec.ts'
import { names } from './arguments.ts'
import { textsOf } from './send.ts'

const WHICH = `Name runs by id, end of an id, or @last and the like; or all of a kind with a filter. Of more than one
it is asked first: --yes answers that, --dry-run only shows them.`

const RUN = 'ids, ends of ids, @last, @failed, @running, @parked'

const filters = (command: Command): Command =>
  command
    .argument('[runs...]', RUN)
    .option('--workflow <id>', 'all of this workflow; * stands for any text')
    .addOption(new Option('--status <names>', 'all in these statuses').argParser(names))
    .option('--since <time>', 'all scheduled since then: 24h, 2026-01-31, ISO 8601')
    .option('--until <time>', 'all scheduled before then')
    .option('-y, --yes', 'do not ask')
    .option('-n, --dry-run', 'show what would be done')

export const cancel: CommandSpec = {
  name: 'cancel',
  group: 'Operate',
  summary: 'ask runs to end',
  examples: [
    ['perdure cancel greet-ada --reason "wrong name"', ''],
    ['perdure cancel --workflow import-csv --since 1h', 'all of them, after a question'],
  ],
  notes: `A run ends when its code has cleaned up: running steps see their signal abort.\n${WHICH}`,
  takes: command => filters(command).option('--reason <text>', 'for the record'),
  run: async (context, [runs], options) =>
    (await import('../change-runs.ts')).changeRuns(context, 'cancel', textsOf(runs), options),
}

export const pause: CommandSpec = {
  name: 'pause',
  group: 'Operate',
  summary: 'start no more steps of runs',
  examples: [['perdure pause greet-ada', '']],
  notes: WHICH,
  takes: filters,
  run: async (context, [runs], options) =>
    (await import('../change-runs.ts')).changeRuns(context, 'pause', textsOf(runs), options),
}

export const resume: CommandSpec = {
  name: 'resume',
  group: 'Operate',
  summary: 'go on with runs that are paused',
  examples: [['perdure resume --workflow import-csv', '']],
  notes: WHICH,
  takes: filters,
  run: async (context, [runs], options) =>
    (await import('../change-runs.ts')).changeRuns(context, 'resume', textsOf(runs), options),
}

export const retry: CommandSpec = {
  name: 'retry',
  group: 'Operate',
  summary: 'try runs again that failed or are parked',
  examples: [
    ['perdure retry @failed', 'with the step that failed'],
    ['perdure retry --workflow billing --since 1h', 'all of them, after a question'],
  ],
  notes: `A parked run goes on itself, with the code as it is now. For a failed one a new run begins with what
was recorded before the step that failed.\n${WHICH}`,
  takes: filters,
  run: async (context, [runs], options) =>
    (await import('../change-runs.ts')).changeRuns(context, 'retry', textsOf(runs), options),
}

export const rerun: CommandSpec = {
  name: 'rerun',
  group: 'Operate',
  summary: 'run a failed run again from one of its steps on',
  examples: [['perdure rerun @failed --from charge', '']],
  notes: `A new run begins with what was recorded before the step, idempotency keys included; the failed one
stays as it is. Only failed runs can be run again: perdure start begins a new one with the same data.`,
  takes: command =>
    command
      .argument('<run>', 'id, end of an id, @failed')
      .requiredOption('--from <step>', 'its id, with the occurrence from the second on: charge:1'),
  run: async (context, [run], options) =>
    (await import('../change-runs.ts')).changeRuns(context, 'retry', [String(run)], options),
}
