import * as z from 'zod'
import { runStatuses } from '../../journal/lifecycle.ts'
import type { Asks, Method } from './protocol.ts'

const run = z.string().min(1).max(128)
const ms = z.number().min(0).max(8.64e15)
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER)
const bytes = z.custom<Uint8Array>(value => value instanceof Uint8Array, 'not bytes')
const text = z.string().max(4_096)
const status = z.enum(runStatuses)
const sent = z.strictObject({
  name: text,
  data: bytes.exactOptional(),
  id: text.exactOptional(),
  ts: z.number().exactOptional(),
  v: text.exactOptional(),
})
const none = z.strictObject({})

/** What each method may be asked with: whoever asks may be anybody. Only the owner needs it. */
export const methods = {
  about: none,
  runs: z.strictObject({
    order: z.enum(['newest', 'id']),
    status: z.array(status).max(8).exactOptional(),
    workflow: text.exactOptional(),
    since: ms.exactOptional(),
    until: ms.exactOptional(),
    suffix: text.exactOptional(),
    limit: z.int().min(1).max(1_000_000).exactOptional(),
    gists: z.boolean().exactOptional(),
  }),
  run: z.strictObject({ run }),
  gists: z.strictObject({ runs: z.array(run).max(1_000) }),
  records: z.strictObject({ run }),
  commits: z.strictObject({
    after: count,
    follow: z.boolean().exactOptional(),
    packed: z.boolean().exactOptional(),
  }),
  timers: none,
  waits: none,
  events: z.strictObject({ name: text.exactOptional(), since: ms.exactOptional() }),
  schedules: none,
  why: z.strictObject({ run }),
  census: none,
  stats: none,
  known: none,
  start: z.strictObject({ workflow: text, data: bytes.exactOptional(), run: text.exactOptional() }),
  send: z.strictObject({ events: z.array(sent).max(5_000) }),
  signal: z.strictObject({
    signal: text,
    data: bytes.exactOptional(),
    id: text.exactOptional(),
  }),
  cancel: z.strictObject({ run, reason: text.exactOptional() }),
  pause: z.strictObject({ run }),
  resume: z.strictObject({ run }),
  retry: z.strictObject({ run, from: text.exactOptional() }),
  result: z.strictObject({ run }),
  gc: z.strictObject({
    olderThan: ms.exactOptional(),
    status: z.array(status).max(8).exactOptional(),
    dryRun: z.boolean().exactOptional(),
  }),
  pauseSchedule: z.strictObject({ schedule: text }),
  resumeSchedule: z.strictObject({ schedule: text }),
} satisfies { readonly [Name in Method]: z.ZodType<Asks[Name]> }

export const isMethod = (name: unknown): name is Method =>
  typeof name === 'string' && Object.hasOwn(methods, name)
