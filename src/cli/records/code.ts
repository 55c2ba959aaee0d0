import * as z from 'zod'
import { version } from './record.ts'

/** What an error code means. */
export const codeRecord = z.strictObject({
  v: version,
  kind: z.literal('code'),
  code: z.string(),
  summary: z.string(),
  markdown: z.string().optional().describe('the whole page; not in a list'),
})
