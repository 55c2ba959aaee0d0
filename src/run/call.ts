import type { AsyncLocalStorage } from 'node:async_hooks'
import type { Command } from '../../journal/entry.ts'
import type { StepBody, StepOptions } from '../define/context.ts'
import type { OpenAnswer } from './answer.ts'
import type { LiveCode } from './code.ts'

/** What code is inside of, seen from wherever it calls a step: a step's body, or a shield. */
export type Scope =
  | { readonly kind: 'body'; readonly code: LiveCode; readonly step: string }
  | { readonly kind: 'shield'; readonly code: LiveCode }

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
}

/** A call the code may be waiting for. */
export interface Awaited extends OpenAnswer<unknown> {
  readonly id: string
  readonly shielded: boolean
  readonly call: Call
}
