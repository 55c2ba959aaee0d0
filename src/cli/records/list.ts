import * as z from 'zod'
import { version } from './record.ts'

/** What a command that lists prints with --json; with -o ndjson its items are printed, one a line. */
export const listRecord = z.strictObject({
  v: version,
  kind: z.literal('list'),
  of: z.string().describe('the kind of the items'),
  items: z.array(z.looseObject({})).describe('records of that kind, or their --fields'),
})
