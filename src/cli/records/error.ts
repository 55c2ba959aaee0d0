import * as z from 'zod'
import { version } from './record.ts'

/** What is on stderr with --json where a command fails. */
export const errorRecord = z.strictObject({
  v: version,
  kind: z.literal('error'),
  code: z.string().describe('perdure explain <code> says what it means'),
  message: z.string(),
  hint: z.string().describe('what to do next'),
  site: z.string().optional().describe('the call in code of the user that it comes out of'),
  facts: z.record(z.string(), z.json()),
  exit: z.int().describe('the status that the process exits with'),
})
