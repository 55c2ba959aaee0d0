import * as z from 'zod'
import { time, version } from './record.ts'

/** A schedule, as `schedules` tells of it. */
export const scheduleRecord = z.strictObject({
  v: version,
  kind: z.literal('schedule'),
  id: z.string(),
  workflow: z.string(),
  source: z.enum(['trigger', 'runtime']),
  status: z
    .enum(['ticking', 'paused', 'waiting', 'stored'])
    .describe('stored: no engine is there that would make it tick'),
  cron: z.string().optional().describe('of a trigger only an engine tells it'),
  tz: z.string().optional(),
  missed: z.string().optional(),
  overlap: z.string().optional(),
  jitterMs: z.number().optional(),
  next: time.optional(),
  handled: time.optional().describe('up to when its ticks have been seen to'),
  active: z.array(z.string()).optional().describe('runs of it that have not ended'),
  buffered: z.int().describe('ticks that wait for a run to end'),
})

export type ScheduleRecord = z.output<typeof scheduleRecord>
