import * as z from 'zod'
import { version } from './record.ts'

const check = z.strictObject({
  name: z.string(),
  status: z.enum(['ok', 'warning', 'failed']),
  what: z.string().describe('what was found, for people'),
  fix: z.string().optional(),
})

/** What `doctor` found. */
export const doctorRecord = z.strictObject({
  v: version,
  kind: z.literal('doctor'),
  status: z.enum(['ok', 'warning', 'failed']).describe('the worst of all'),
  checks: z.array(check),
})

export type Check = z.output<typeof check>
export type DoctorRecord = z.output<typeof doctorRecord>
