import * as z from 'zod'
import { version } from './record.ts'
import { spanRecord } from './run-detail.ts'

/** One step of a run, as `step` tells of it. */
export const stepDetailRecord = z.strictObject({
  v: version,
  kind: z.literal('step-detail'),
  run: z.string(),
  workflow: z.string(),
  step: spanRecord,
})

export type StepDetailRecord = z.output<typeof stepDetailRecord>
