import * as z from 'zod'
import { version } from './record.ts'

const run = z.strictObject({ id: z.string(), workflow: z.string() })

/** An event that was sent, and what it did at once. */
export const sentRecord = z.strictObject({
  v: version,
  kind: z.literal('sent'),
  event: z.string(),
  id: z.string(),
  started: z.array(run).describe('runs that it started'),
  resumed: z.array(run).describe('runs that waited for it'),
})

export type SentRecord = z.output<typeof sentRecord>

/** A run that was started. */
export const startedRecord = z.strictObject({
  v: version,
  kind: z.literal('started'),
  run: z.string(),
  workflow: z.string(),
})

export type StartedRecord = z.output<typeof startedRecord>

export const signalledRecord = z.strictObject({
  v: version,
  kind: z.literal('signalled'),
  signal: z.string(),
})

/** What `gc` removed. */
export const collectedRecord = z.strictObject({
  v: version,
  kind: z.literal('collected'),
  dryRun: z.literal(true).optional().describe('nothing was removed: this is what would be'),
  runs: z.int(),
  records: z.int(),
  events: z.int(),
})

export type CollectedRecord = z.output<typeof collectedRecord>
