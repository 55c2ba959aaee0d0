import * as z from 'zod'

/*
 * What the owner of a journal is asked over its socket, one JSON object a line in both directions:
 *
 *   hello    = {"perdure":"control","protocol":1,"version","pid","journal"}    from the owner, at once
 *   ask      = {"id":int,"ask":method,"with"?:params}                    the rest of this file
 *   stop     = {"id":int,"stop":true}                                    the answer is no longer wanted
 *   more     = {"id":int,"more":int}                                     room for so many pages more
 *   answer   = page* end
 *   page     = {"id":int,"page":[...]}                                   of methods that list
 *   end      = {"id":int,"is"?:value} | {"id":int,"error":{"code","message","hint","facts"?}}
 *
 * Answers to several asks come in any order; `id` says which they belong to. So many may be open at once
 * (one more is answered with an error), and of a list so many pages come before more are asked for: a
 * list that is read slowly keeps nothing else back. What was stopped has its end nonetheless.
 *
 * Values of users are bytes of the journal's codec, written {"$b":base64} (wire.ts). What does not fit is
 * answered with an error of `id` -1, and the connection ends. Within a protocol number only what is
 * optional is added.
 */
export const PROTOCOL = 1
export const OPEN_MOST = 32
export const PAGES_AHEAD = 4

const run = z.string().min(1).max(128)
const ms = z.number().min(0).max(8.64e15)
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER)
const bytes = z.custom<Uint8Array>(value => value instanceof Uint8Array, 'not bytes')
const text = z.string().max(4_096)
const status = z.enum([
  'scheduled',
  'running',
  'paused',
  'completed',
  'failed',
  'cancelled',
  'skipped',
  'parked',
])
const sent = z.strictObject({
  name: text,
  data: bytes.exactOptional(),
  id: text.exactOptional(),
  ts: z.number().exactOptional(),
  v: text.exactOptional(),
})
const none = z.strictObject({})

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
  }),
  run: z.strictObject({ run }),
  records: z.strictObject({ run }),
  commits: z.strictObject({ after: count, follow: z.boolean().exactOptional() }),
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
  signal: z.strictObject({ signal: text, data: bytes.exactOptional() }),
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
} satisfies { readonly [name: string]: z.ZodType }

export type Method = keyof typeof methods
export type Params<Name extends Method> = z.output<(typeof methods)[Name]>

export const isMethod = (name: unknown): name is Method =>
  typeof name === 'string' && Object.hasOwn(methods, name)

/** Lists come in pages. */
export type Answer = Promise<unknown> | AsyncIterable<readonly unknown[]>

/** Who answers. Pages are asked for as fast as they are read; `signal`: nobody wants more of them. */
export type Handlers = {
  readonly [Name in Method]: (params: Params<Name>, signal: AbortSignal) => Answer
}

export interface Hello {
  readonly perdure: 'control'
  readonly protocol: number
  /** Of the package. */
  readonly version: string
  readonly pid: number
  /** The journal's identity. */
  readonly journal: string
}

/** The workflows that an engine was opened with, and names of events in them; those of triggers may end in `*`. */
export interface Known {
  readonly workflows: readonly {
    readonly id: string
    readonly startedBy: readonly string[]
    readonly cancelledBy: readonly string[]
  }[]
}
