import * as z from 'zod'
import { time, version } from './record.ts'

/** A timer that is set, as `timers` tells of it. */
export const timerRecord = z.strictObject({
  v: version,
  kind: z.literal('timer'),
  run: z.string(),
  workflow: z.string(),
  seq: z.int().describe('place of the entry that set it among those of its run'),
  due: time.describe('by the wall clock; of one that counts time that passes as it looks now'),
  clock: z.enum(['wall', 'elapsed']),
  of: z
    .enum([
      'sleep',
      'step-backoff',
      'code-backoff',
      'start',
      'wait',
      'child',
      'gather',
      'deadline',
      'unknown',
    ])
    .describe('what happens then: a sleep ends, a step is tried again, a wait is given up, ...'),
  id: z.string().optional().describe('of the step'),
})

export type TimerRecord = z.output<typeof timerRecord>
