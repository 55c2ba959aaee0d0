import type { AsyncLocalStorage } from 'node:async_hooks'
import type { Command, EventReceived } from '../../journal/entry.ts'
import type { EventBody } from '../../journal/event.ts'
import type { StepBody, StepOptions } from '../define/context.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { OpenAnswer } from './answer.ts'
import type { BodyScope } from './body-scope.ts'
import type { LiveCode } from './code.ts'

/** What code is inside of, seen from wherever it calls a step: a step's body, or a shield. */
export type Scope = BodyScope | { readonly kind: 'shield'; readonly code: LiveCode }

export type Scopes = AsyncLocalStorage<Scope>

/** How the code of a run ended. */
export type Ending =
  | { readonly kind: 'returned'; readonly output: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'continued'; readonly data: unknown }

/** A step call before it has its place among the run's entries. */
export interface Call {
  readonly id: string
  command(id: string, shielded: boolean): Command
  readonly body?: StepBody<unknown>
  readonly options?: StepOptions
  /** What an event that was waited for is to the code. */
  readonly received?: (input: EventReceived) => unknown
  /** What the code gets when the time is up; an error is thrown. */
  readonly expired?: () => unknown
  /** The run that the call starts. */
  readonly child?: ChildStart
  /** The events that the call sends. It waits for nothing: they are sent with its record. */
  readonly sends?: (id: string) => readonly SentEvent[]
}

export interface SentEvent {
  readonly body: EventBody
  /** Whether its sender gave it an id, so that it is stored once. */
  readonly dedupe: boolean
}

export interface ChildStart {
  readonly workflow: AnyWorkflow
  readonly data: Uint8Array
}

/** A call the code may be waiting for. */
export interface Awaited extends OpenAnswer<unknown> {
  readonly id: string
  readonly shielded: boolean
  readonly call: Call
  /** The wall clock of the turn that records it. */
  askedAt: number
}

/** A call of the code, and the command it is. */
export interface Asked {
  readonly command: Command
  readonly awaited: Awaited
  /** The frames of a call that gets its place later. */
  readonly from?: Error
}
