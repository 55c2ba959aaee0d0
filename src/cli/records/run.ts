import * as z from 'zod'
import { runStatuses } from '../../../journal/lifecycle.ts'
import { time, version } from './record.ts'

const status = z.enum(runStatuses)

/** A run, as `list` tells of it. */
export const runRecord = z.strictObject({
  v: version,
  kind: z.literal('run'),
  id: z.string(),
  workflow: z.string(),
  status,
  createdAt: time,
  updatedAt: time,
  endedAt: time.optional(),
  tookMs: z.number().optional().describe('from when it was scheduled to its end, in milliseconds'),
  entries: z.int(),
  steps: z.int().optional().describe('steps that have ended well'),
  note: z.string().optional().describe('what it waits for, or how it ended, for people'),
  parkedFor: z.string().optional().describe('code of the error'),
  skippedFor: z.string().optional(),
  continuedAs: z.string().optional().describe('id of the run that goes on in its place'),
  schedule: z.string().optional(),
})

export type RunRecord = z.output<typeof runRecord>
