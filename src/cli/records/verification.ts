import * as z from 'zod'
import { version } from './record.ts'

const finding = {
  place: z.string().describe('a key of the store, or a file of the directory and a byte in it'),
  what: z.string(),
  run: z.string().optional().describe('id of the run it concerns, if it is one run'),
}

/** One thing that is wrong with a journal: a line of `verify` with -o ndjson. */
export const findingRecord = z.strictObject({ v: version, kind: z.literal('finding'), ...finding })

/** What `verify` found; with -o ndjson the last line, and without `findings`. */
export const verificationRecord = z.strictObject({
  v: version,
  kind: z.literal('verification'),
  journal: z.string().describe('where it is'),
  sound: z.boolean(),
  found: z.int().describe('how many findings there are'),
  read: z
    .strictObject({ runs: z.int(), entries: z.int(), commits: z.int(), bytes: z.int() })
    .optional()
    .describe('absent: damage kept it from reading on'),
  findings: z.array(z.strictObject(finding)).optional(),
})

export type FindingRecord = z.output<typeof findingRecord>
export type VerificationRecord = z.output<typeof verificationRecord>
