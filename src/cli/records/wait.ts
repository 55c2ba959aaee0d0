import * as z from 'zod'
import { time, version } from './record.ts'

/** What a run listens for, as `waits` tells of it. */
export const waitRecord = z.strictObject({
  v: version,
  kind: z.literal('wait'),
  run: z.string(),
  workflow: z.string(),
  seq: z.int().describe('place of the entry that began it among those of its run'),
  for: z.enum(['wait', 'cancel']).describe('what the event does: it goes on, or is cancelled'),
  id: z.string().optional().describe('of the step'),
  on: z.array(
    z.strictObject({
      event: z.string(),
      if: z.string().optional().describe('what must hold of it, masked'),
      until: time.optional(),
    }),
  ),
  since: time.optional(),
  until: time.optional().describe('when it is given up, by the wall clock as it looks now'),
})

export type WaitRecord = z.output<typeof waitRecord>
