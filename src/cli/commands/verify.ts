import type { CommandSpec } from '../command-spec.ts'
import { dirOf } from './dump.ts'

export const verify: CommandSpec = {
  name: 'verify',
  alias: 'fsck',
  group: 'Journal',
  summary: 'check every checksum, the chain, and the indexes',
  examples: [
    ['perdure verify ./data', ''],
    ['perdure verify ./backup && rm -r ./older-backup', ''],
  ],
  notes: 'Exit status: 0 sound, 5 damaged (one line a finding), 2 it could not be read.',
  takes: command =>
    command.argument('[dir]', 'directory of a journal (default: as for all commands)'),
  run: async (context, [dir]) => (await import('../verify.ts')).verify(context, dirOf(dir)),
}
