import * as z from 'zod'
import { time, version } from './record.ts'

const counts = z.record(z.string(), z.int())

/** How much there is of everything, as `stats` tells it. */
export const statsRecord = z.strictObject({
  v: version,
  kind: z.literal('stats'),
  journal: z.string().describe('its identity'),
  createdAt: time,
  commits: z.int(),
  at: time.describe('of the newest commit'),
  runs: z.int(),
  entries: z.int(),
  status: counts.describe('how many runs are in each status'),
  workflows: z.array(
    z.strictObject({
      workflow: z.string(),
      runs: z.int(),
      entries: z.int(),
      status: counts,
      longest: z.strictObject({ run: z.string(), entries: z.int() }),
      took: z
        .strictObject({ p50Ms: z.number(), p95Ms: z.number(), maxMs: z.number(), of: z.int() })
        .optional()
        .describe('of runs that completed, from when they were scheduled; of at most 1,000'),
    }),
  ),
  timers: z.int(),
  waits: z.int().describe('waits and cancellations'),
  inputs: z.int().describe('what waits in inboxes for the turn of its run'),
  admission: z.int().describe('runs that wait for their turn or gather, and places that runs hold'),
  files: z.strictObject({ count: z.int(), bytes: z.int() }).optional(),
  engine: z
    .record(z.string(), z.number().or(z.boolean()))
    .optional()
    .describe('what engine.stats() says, if one runs'),
})

export type StatsRecord = z.output<typeof statsRecord>
