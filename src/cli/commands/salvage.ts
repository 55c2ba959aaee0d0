import type { CommandSpec } from '../command-spec.ts'
import type { SalvageCommandOptions } from '../salvage.ts'
import { dirOf } from './dump.ts'

export const salvage: CommandSpec = {
  name: 'salvage',
  group: 'Journal',
  summary: 'save what can be verified of a damaged journal into a new one',
  examples: [
    ['perdure verify ./data', 'what is wrong'],
    ['perdure salvage ./data --into ./saved', 'save what there is; ./data is not changed'],
  ],
  notes: `No engine may have the journal open. Of each run the records are kept that follow each other from the
first one on; a run that has not ended and is cut is parked, and can be read up to the damage.
Exit status: 0 nothing was lost, 5 something was, 2 there is nothing to save.`,
  takes: command =>
    command
      .argument('[dir]', 'directory of a journal (default: as for all commands)')
      .requiredOption('--into <new>', 'a directory that is empty or absent'),
  run: async (context, [dir], options) =>
    (await import('../salvage.ts')).salvage(context, dirOf(dir), options as SalvageCommandOptions),
}
