import * as z from 'zod'
import { time, value, version } from './record.ts'

const change = z.strictObject({
  path: z.string().describe('from "$"'),
  a: value.optional(),
  b: value.optional(),
})

const side = z.strictObject({
  outcome: z.enum(['ok', 'failed', 'timeout', 'open']),
  attempts: z.int().optional().describe('of a step'),
  tookMs: z.number().optional(),
})

const step = z.strictObject({
  type: z.enum(['step', 'sleep', 'wait', 'child', 'send']),
  id: z.string().describe('with its occurrence'),
  change: z.enum(['same', 'changed', 'only-a', 'only-b']).describe('times do not count'),
  differs: z.array(z.enum(['outcome', 'attempts', 'result'])),
  a: side.optional(),
  b: side.optional(),
  result: z.array(change).describe('where the results differ'),
})

const run = z.strictObject({
  id: z.string(),
  workflow: z.string(),
  status: z.string(),
  createdAt: time,
  tookMs: z.number().optional(),
})

/** How two runs differ. Secrets are compared, and masked. */
export const diffRecord = z.strictObject({
  v: version,
  kind: z.literal('diff'),
  same: z.boolean().describe('the same steps, each with the same outcome, and the same status'),
  a: run,
  b: run,
  input: z.array(change),
  output: z.array(change).describe('of what they returned, or of why they ended'),
  steps: z.array(step),
})

export type DiffRecord = z.output<typeof diffRecord>
