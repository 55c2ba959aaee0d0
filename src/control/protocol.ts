import type { RunStatus } from '../../journal/lifecycle.ts'

/*
 * What the owner of a journal is asked over its socket, one JSON object a line in both directions:
 *
 *   hello    = {"perdure":"control","protocol":1,"version","pid","journal",
 *              "packs"?,"lists"?,"secrets"?}                           from the owner, at once
 *   ask      = {"id":int,"ask":method,"with"?:params}                    Asks, below
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

/** What each method is asked with. */
export interface Asks {
  about: Nothing
  runs: {
    readonly order: 'newest' | 'id'
    readonly status?: readonly RunStatus[]
    readonly workflow?: string
    readonly since?: number
    readonly until?: number
    readonly suffix?: string
    readonly limit?: number
    /** With what a list says of each (Listed in place of Head), if the owner says that it lists. */
    readonly gists?: boolean
  }
  run: OfRun
  gists: { readonly runs: readonly string[] }
  records: OfRun
  /** `packed`: what is followed may come as PackedPage, if the owner says that it packs. */
  commits: { readonly after: number; readonly follow?: boolean; readonly packed?: boolean }
  timers: Nothing
  waits: Nothing
  events: { readonly name?: string; readonly since?: number }
  schedules: Nothing
  why: OfRun
  census: Nothing
  stats: Nothing
  known: Nothing
  start: { readonly workflow: string; readonly data?: Uint8Array; readonly run?: string }
  send: { readonly events: readonly SentEvent[] }
  signal: { readonly signal: string; readonly data?: Uint8Array }
  cancel: OfRun & { readonly reason?: string }
  pause: OfRun
  resume: OfRun
  retry: OfRun & { readonly from?: string }
  result: OfRun
  gc: {
    readonly olderThan?: number
    readonly status?: readonly RunStatus[]
    readonly dryRun?: boolean
  }
  pauseSchedule: { readonly schedule: string }
  resumeSchedule: { readonly schedule: string }
}

type Nothing = { readonly [name: string]: never }
type OfRun = { readonly run: string }
type SentEvent = {
  readonly name: string
  readonly data?: Uint8Array
  readonly id?: string
  readonly ts?: number
  readonly v?: string
}

export type Method = keyof Asks
export type Params<Name extends Method> = Asks[Name]

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
  /** It knows `packed` of the method `commits`. */
  readonly packs?: boolean
  /** It knows `gists` of the method `runs`. */
  readonly lists?: boolean
  /** As `about` tells them. */
  readonly secrets?: readonly string[]
}

/** The workflows that an engine was opened with, and names of events in them; those of triggers may end in `*`. */
export interface Known {
  readonly workflows: readonly {
    readonly id: string
    readonly startedBy: readonly string[]
    readonly cancelledBy: readonly string[]
  }[]
}
