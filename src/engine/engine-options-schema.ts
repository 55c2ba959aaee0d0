import { constants } from 'node:os'
import * as z from 'zod'
import { BYTES_MOST } from '../../journal/codec/limits.ts'
import {
  choiceSchema,
  countSchema,
  functionSchema,
  methodsSchema,
  optionSchema,
} from '../define/option-schema.ts'
import { durationSchema } from '../define/retry-schema.ts'
import type { AnyWorkflow } from '../define/workflow.ts'

const SIGNALS = Object.keys(constants.signals).filter(
  signal => signal !== 'SIGKILL' && signal !== 'SIGSTOP',
)

const count = countSchema(1).optional()

const limitsSchema = optionSchema('an object such as { valueBytes, entriesPerRun }', {
  entriesPerRun: count,
  residentRuns: count,
  waitingInputs: count,
  subscriberEntries: count,
  valueBytes: countSchema(1, BYTES_MOST).optional(),
  waitingRuns: count,
  waitingBytes: count,
  deathsPerRun: count,
})

const PLACE = "a directory, or ':memory:'"
const FLAG = 'true or false'
const KEY = "the name of a key, or a path such as 'user.email'"

/** What `openEngine` takes, as far as it can be seen before it is opened. */
export const engineOptionsSchema = optionSchema(
  "an object such as { path: './data', workflows: [] }",
  {
    path: z.string(PLACE).min(1, PLACE),
    workflows: z.array(
      z.custom(isWorkflow, 'a workflow, as workflow() makes it'),
      'an array of workflows',
    ),
    durability: choiceSchema(['fsync', 'os']).optional(),
    retention: durationSchema("a duration such as '30d', or 'forever'", 'forever').optional(),
    concurrency: count,
    limits: limitsSchema.optional(),
    onDamage: choiceSchema(['refuse', 'park']).optional(),
    preflight: choiceSchema(['off', 'park']).optional(),
    closeOn: z
      .array(z.enum(SIGNALS, 'a signal that can be caught'), "an array such as ['SIGTERM']")
      .optional(),
    control: z.boolean(FLAG).optional(),
    secrets: z.array(z.string(KEY).min(1, KEY), 'an array of names of keys').optional(),
    logger: methodsSchema('a logger', ['debug', 'info', 'warn', 'error']).optional(),
    clock: methodsSchema('a clock', ['wall', 'elapsed', 'alarm']).optional(),
    ids: methodsSchema('a source of ids', ['run', 'event', 'journal']).optional(),
    store: methodsSchema('a store', ['batch', 'get', 'getMany', 'scan', 'close']).optional(),
    bodies: functionSchema.optional(),
  },
)

// Made elsewhere, by a second copy of the package perhaps: as far as it is relied on.
function isWorkflow(value: unknown): value is AnyWorkflow {
  if (typeof value !== 'object' || value === null) return false
  const { id, code, retry, triggers, cancelOn } = value as Partial<AnyWorkflow>
  const isMade = Array.isArray(triggers) && Array.isArray(cancelOn) && typeof retry === 'object'
  return isMade && typeof id === 'string' && typeof code === 'function'
}
