import type { CommandSpec } from '../command-spec.ts'

export const doctor: CommandSpec = {
  name: 'doctor',
  group: 'Setup',
  summary: 'what is wrong with this machine, this installation, or the directory',
  examples: [
    ['perdure doctor', 'here'],
    ['perdure doctor -d ./data', 'and the journal in a directory'],
    ['perdure doctor --report | pbcopy', 'to put into a bug report'],
  ],
  notes: `Reads no values: a report holds no data of runs, and no names but those of directories, without
that of your home. Exit status: 0 nothing has failed, 1 something has.`,
  takes: command => command.option('--report', 'as text to be pasted, without paths of your own'),
  run: async (context, _, options) => (await import('../doctor.ts')).doctor(context, options),
}
