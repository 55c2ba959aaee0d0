import type { CommandSpec } from '../command-spec.ts'

export const schema: CommandSpec = {
  name: 'schema',
  group: 'Setup',
  summary: 'the JSON Schema of what commands print with --json',
  examples: [
    ['perdure schema', 'of all records, as one document'],
    ['perdure schema run', 'of one kind of record'],
    ['perdure schema | jq \'."$defs" | keys\'', 'which kinds there are'],
  ],
  notes: `Each record has "v" (the version of the schema) and "kind". Within a version, properties are only
added. A list is one document with --json ("kind": "list"), and one record a line with -o ndjson.`,
  takes: command => command.argument('[kind]', 'only this kind of record, with what it refers to'),
  run: async (context, [kind]) =>
    (await import('../schema.ts')).schema(context, typeof kind === 'string' ? kind : undefined),
}
