import * as z from 'zod'
import { time, value, version } from './record.ts'

const limit = z.strictObject({
  kind: z.enum(['run', 'step', 'throttle', 'singleton', 'pause', 'engine', 'unknown-workflow']),
  of: z.string().describe('the workflow that it belongs to, or *'),
  key: z.string().optional(),
  value: z.string().optional().describe('as JSON, masked'),
  most: z.int().optional(),
  holders: z.array(z.string()).describe('runs that hold it'),
  until: time.optional().describe('when it has room, if only time is in the way'),
})

const near = z.strictObject({
  event: z.string(),
  id: z.string(),
  ts: time,
  differs: z.array(
    z.strictObject({
      path: z.string(),
      is: z
        .string()
        .optional()
        .describe('what was to be true of it: !=, <, in, not in, size >, ...; absent: equal'),
      wanted: value.optional(),
      got: value,
    }),
  ),
})

const reason = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('skipped'), reason: z.string(), by: z.string().optional() }),
  z.strictObject({ kind: z.literal('parked'), code: z.string() }),
  z.strictObject({ kind: z.literal('paused') }),
  z.strictObject({ kind: z.literal('turn'), ahead: z.int(), limit: limit.optional() }),
  z.strictObject({
    kind: z.literal('gather'),
    gather: z.enum(['batch', 'debounce']),
    key: z.string(),
    count: z.int(),
    due: time,
  }),
  z.strictObject({
    kind: z.literal('step'),
    id: z.string(),
    attempt: z.int(),
    executes: z.boolean(),
    limit: limit.optional(),
  }),
  z.strictObject({
    kind: z.literal('timer'),
    id: z.string(),
    of: z.enum(['sleep', 'step-backoff', 'code-backoff', 'start']),
    due: time,
  }),
  z.strictObject({
    kind: z.literal('event'),
    id: z.string(),
    events: z.array(z.string()).describe('names of events; of a signal: signal, and its name'),
    due: time.optional(),
    near: z.array(near).describe('events that came and did not fit, the closest first'),
  }),
  z.strictObject({ kind: z.literal('child'), id: z.string(), child: z.string() }),
])

/** What keeps a run from going on, as `why` tells it. */
export const whyRecord = z.strictObject({
  v: version,
  kind: z.literal('why'),
  run: z.string(),
  workflow: z.string(),
  status: z.string(),
  waitsFor: z.array(reason).describe('none: its code runs, or it has ended'),
})

export type WhyRecord = z.output<typeof whyRecord>
export type ReasonRecord = WhyRecord['waitsFor'][number]
