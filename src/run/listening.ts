import type { ValueLimits } from '../../journal/codec/limits.ts'
import type { EventReceived, Listener } from '../../journal/entry.ts'
import type { Incoming } from '../define/condition.ts'
import type { ReceivedEvent } from '../define/received-event.ts'
import type { SchemaFor } from '../define/sending.ts'
import type { AnyWorkflow } from '../define/workflow.ts'

/** What waiting for events needs of the engine. */
export interface Listening {
  /** What the run listens for, with its own part of the condition folded in; absent: for nothing. */
  listener(key: string, what: Incoming, event: ReceivedEvent, now: number): Listener | undefined
  /** Absent: events are validated by the schema of the type they were made by. */
  readonly schemaFor?: SchemaFor
  workflow(id: string): AnyWorkflow | undefined
  readonly values: ValueLimits
}

/** What the tools of one run know of it. */
export interface RunFacts {
  readonly listening: Listening
  /** What its code sees as its event. */
  readonly event: ReceivedEvent
  /** Whether it handles the end of another run. */
  readonly isHandler: boolean
  readonly seed: string
}

/** How a wait ends. */
export interface Waiting {
  readonly due: number | undefined
  readonly since?: number | undefined
  readonly received: (input: EventReceived) => unknown
  readonly expired: () => unknown
}
