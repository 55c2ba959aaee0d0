import * as z from 'zod'
import { version } from './record.ts'

const node = z.strictObject({
  key: z.string(),
  type: z.enum(['start', 'step', 'sleep', 'wait', 'child', 'send', 'parallel', 'end']),
  name: z.string(),
  detail: z.string().optional().describe('events, or the workflow of a child'),
  count: z.int().describe('how often it was asked for'),
  runs: z.int().describe('in how many runs'),
  failed: z.int(),
  retries: z.int(),
  timeouts: z.int(),
  now: z.int().describe('runs that wait for it as it is now'),
})

const edge = z.strictObject({
  from: z.string().describe('key of a node'),
  to: z.string(),
  how: z.enum(['ok', 'failed', 'timeout', 'cancelled']).describe('how what it comes from came out'),
  count: z.int(),
})

/** What was observed of the runs of a workflow. */
export const graphRecord = z.strictObject({
  v: version,
  kind: z.literal('graph'),
  workflow: z.string(),
  runs: z.int(),
  nodes: z.array(node),
  edges: z.array(edge),
  mermaid: z.string(),
})

/** What may happen to a run: `graph --state`. */
export const statechartRecord = z.strictObject({
  v: version,
  kind: z.literal('statechart'),
  workflow: z.string().optional(),
  states: z.array(
    z.strictObject({
      name: z.string(),
      final: z.boolean(),
      runs: z.int().optional().describe('how many there are, of the workflow'),
      transitions: z.array(
        z.strictObject({ to: z.string(), on: z.array(z.string()).describe('types of entries') }),
      ),
    }),
  ),
  mermaid: z.string(),
})

export type GraphRecord = z.output<typeof graphRecord>
export type StatechartRecord = z.output<typeof statechartRecord>
