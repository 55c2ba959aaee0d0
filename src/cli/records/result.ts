import * as z from 'zod'
import { time, value, version } from './record.ts'

/** How a run ended, as `wait` and `start --wait` tell it. */
export const resultRecord = z.strictObject({
  v: version,
  kind: z.literal('result'),
  run: z.string(),
  workflow: z.string(),
  status: z.enum(['completed', 'failed', 'cancelled', 'skipped', 'parked']),
  endedAt: time.optional(),
  tookMs: z.number().optional().describe('from when it was scheduled to its end, in milliseconds'),
  output: value.optional().describe('of a completed run, masked'),
  error: value.optional().describe('of a failed or parked run, masked'),
  reason: z.string().optional().describe('why it was cancelled or skipped'),
})

export type ResultRecord = z.output<typeof resultRecord>
