import * as z from 'zod'
import { runStatuses } from '../../../journal/lifecycle.ts'
import { time, value, version } from './record.ts'

const parent = z.strictObject({ run: z.string(), seq: z.int() })
const event = z.strictObject({
  name: z.string(),
  id: z.string(),
  ts: z.number().describe('when it happened, as its sender says: ms since the epoch'),
  v: z.string().optional(),
})

const attempt = z.strictObject({
  number: z.int().describe('counted from 0'),
  state: z.enum(['running', 'ok', 'failed', 'cancelled', 'abandoned']),
  beganAt: time,
  endedAt: time.optional(),
  tookMs: z.number().optional(),
  error: value.optional(),
  retryInMs: z.number().optional().describe('how long after this attempt the next is due'),
  late: z.strictObject({ at: time, ok: z.boolean(), value }).optional(),
})

export const spanRecord = z.strictObject({
  seq: z.int().describe('of the entry that began it'),
  kind: z.enum(['step', 'sleep', 'wait', 'child', 'send', 'code', 'start', 'queue', 'gather']),
  id: z.string().describe('empty where there is none'),
  state: z.enum([
    'running',
    'waiting',
    'backoff',
    'ok',
    'failed',
    'timed-out',
    'cancelled',
    'abandoned',
  ]),
  shielded: z.boolean(),
  group: z.int().optional().describe('seq of the first of those that were asked for together'),
  beganAt: time,
  endedAt: time.optional(),
  tookMs: z.number().optional(),
  about: z.record(z.string(), value).describe('by the kind: what is waited for, until when, ...'),
  attempts: z.array(attempt),
  value: value.optional().describe('what it came to: a result, the data of an event, an error'),
  valueBytes: z.int().optional(),
  answers: z.array(z.int()).describe('seqs of the entries that answered it'),
})

/** One run with all that it did, as `show` tells of it. */
export const runDetailRecord = z.strictObject({
  v: version,
  kind: z.literal('run-detail'),
  id: z.string(),
  workflow: z.string(),
  status: z.enum(runStatuses),
  scheduledAt: time,
  startedAt: time.optional(),
  updatedAt: time,
  endedAt: time.optional(),
  tookMs: z.number().optional(),
  entries: z.int(),
  valueBytes: z.int(),
  origin: z.strictObject({
    data: value,
    event: event.optional(),
    schedule: z.string().optional(),
    continues: z.string().optional(),
    parents: z.array(parent),
  }),
  outcome: z
    .strictObject({
      kind: z.enum(['completed', 'continued', 'failed', 'cancelled', 'skipped']),
      output: value.optional(),
      error: value.optional(),
      reason: z.string().optional(),
      by: z.string().optional(),
      successor: z.string().optional(),
    })
    .optional(),
  parked: z.strictObject({ code: z.string(), report: value }).optional(),
  cancelRequested: z.strictObject({ at: time, reason: z.string() }).optional(),
  spans: z.array(spanRecord),
  marks: z.array(z.strictObject({ seq: z.int(), at: time, type: z.string() })),
})

export type SpanRecord = z.output<typeof spanRecord>
export type RunDetailRecord = z.output<typeof runDetailRecord>
