import * as z from 'zod'
import { time, value, version } from './record.ts'

/** An entry of a run, as `events` and `tail` tell of it. */
export const entryRecord = z.strictObject({
  v: version,
  kind: z.literal('entry'),
  run: z.string(),
  workflow: z.string(),
  seq: z.int().describe('place among the entries of its run, counted from 0'),
  at: time,
  type: z.string(),
  step: z.string().optional().describe('id of the step it is of, where that is known'),
  facts: z.record(z.string(), value).describe('by the type (docs/journal-format.md), masked'),
  cursor: z.string().optional().describe('to go on behind this entry: tail --after'),
  raw: z
    .strictObject({
      key: z.string(),
      bytes: z.int().describe('of the row, which holds the whole record'),
      link: z.string().describe('checksum of the record before, in hex'),
      check: z.string().describe('checksum of the record, in hex'),
    })
    .optional(),
})

export type EntryRecord = z.output<typeof entryRecord>
