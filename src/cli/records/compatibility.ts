import * as z from 'zod'
import { version } from './record.ts'

const tally = z.strictObject({
  runs: z.int(),
  same: z.int(),
  extends: z.int(),
  diverges: z.int(),
  unknown: z.int(),
  damaged: z.int(),
  defect: z.int(),
  unchecked: z.int(),
})

const group = z.strictObject({
  stage: z.enum(['live', 'parked', 'ended']),
  verdict: z.enum(['same', 'extends', 'diverges', 'unknown', 'damaged', 'defect', 'unchecked']),
  workflow: z.string().optional(),
  count: z.int(),
  runs: z.array(z.string()).describe('ids of the first hundred'),
  example: z.string().describe('the run that the rest tells of'),
  entry: z.int().optional().describe('seq of the entry that the code did not agree with'),
  recorded: z.string().optional(),
  asked: z.string().optional(),
  site: z.string().optional().describe('file:line:column in the code'),
  line: z.string().optional().describe('the source line there'),
  after: z
    .strictObject({ asked: z.string(), site: z.string().optional() })
    .optional()
    .describe('the last call that did agree'),
  error: z.string().optional(),
  fix: z.string().optional(),
})

/** What `replay` found. */
export const compatibilityRecord = z.strictObject({
  v: version,
  kind: z.literal('compatibility'),
  journal: z.string(),
  code: z.string().describe('path of the module'),
  workflows: z.array(z.string()).describe('ids of those that it exports'),
  safe: z.boolean().describe('whether every run that is under way goes on with this code'),
  fitting: z.int().describe('how many of the runs under way do'),
  differs: z.boolean().describe('whether the exit status says so'),
  live: tally,
  parked: tally,
  ended: tally,
  groups: z.array(group).describe('runs that differ in the same way'),
})

export type CompatibilityRecord = z.output<typeof compatibilityRecord>
