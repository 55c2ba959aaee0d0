import * as z from 'zod'
import { version } from './record.ts'

/** What `load` wrote, or with --dry-run would write. */
export const loadedRecord = z.strictObject({
  v: version,
  kind: z.literal('loaded'),
  into: z.string().describe('the directory'),
  dryRun: z.boolean(),
  journal: z.string().describe('id of the journal: that of the one that was dumped'),
  runs: z.int(),
  entries: z.int(),
  commit: z.int().describe('the newest one'),
  run: z.string().optional().describe('the run that the dump holds alone'),
})

const kept = z.strictObject({ kept: z.int(), lost: z.int() })
const keptRows = z.strictObject({
  kept: z.int(),
  lost: z.array(z.string()),
  mayBeOld: z.boolean().describe('some are missing, or as they were before'),
})

/** What `salvage` saved, and what it could not. */
export const salvagedRecord = z.strictObject({
  v: version,
  kind: z.literal('salvaged'),
  from: z.string(),
  into: z.string(),
  complete: z.boolean().describe('whether nothing was lost'),
  journal: z.string().describe('id of the journal'),
  whole: z.int().describe('runs that are whole'),
  cut: z.array(
    z.strictObject({
      run: z.string(),
      entries: z.int().describe('how many were saved'),
      why: z.string(),
      parked: z.boolean().describe('it stands still until it is retried'),
    }),
  ),
  lost: z.array(z.string()).describe('runs of which nothing can be read'),
  mayBeMore: z.boolean().describe('runs and events may be lost of which nothing tells any more'),
  entries: z.int(),
  events: kept,
  inputs: kept,
  schedules: keptRows,
  limits: keptRows,
  damage: z.array(z.strictObject({ file: z.string(), offset: z.int(), why: z.string() })),
})

export type LoadedRecord = z.output<typeof loadedRecord>
export type SalvagedRecord = z.output<typeof salvagedRecord>
