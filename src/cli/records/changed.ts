import * as z from 'zod'
import { version } from './record.ts'

/** What a command that changes things has changed. */
export const changedRecord = z.strictObject({
  v: version,
  kind: z.literal('changed'),
  dryRun: z.literal(true).optional().describe('nothing was changed: this is what would be'),
  changed: z.array(
    z.strictObject({
      id: z.string(),
      workflow: z.string().optional(),
      run: z.string().optional().describe('the new run that goes on in its place'),
    }),
  ),
  skipped: z.array(z.strictObject({ id: z.string(), code: z.string(), message: z.string() })),
})

export type ChangedRecord = z.output<typeof changedRecord>
