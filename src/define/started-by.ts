import type { StartEvent } from './context.ts'
import type { CronEvent, CronTrigger } from './cron-trigger.ts'
import type { EventOf, InputOf } from './event-ref.ts'
import type { ReceivedEvent } from './received-event.ts'
import type { TriggerSource } from './trigger.ts'

/**
 * The events that start runs of a workflow with these triggers: a union told apart by `name`, where
 * `perdure/run.scheduled` stands for runs that `start` or a parent has started.
 */
export type StartedBy<One, Many, Data> = [Source<One, Many>] extends [never]
  ? StartEvent<Data>
  : TriggeredBy<Source<One, Many>> | ReceivedEvent<'perdure/run.scheduled', Data>

/** The data that `start` takes where no schema says so: what one of the triggers would be sent with. */
export type StartInput<One, Many, Data> = [Source<One, Many>] extends [never]
  ? Data
  : SentTo<Source<One, Many>>

/** The data that such runs see. */
export type StartData<One, Many> = [Source<One, Many>] extends [never]
  ? unknown
  : Parsed<Source<One, Many>>

// An array of triggers is inferred as `Many`, and one trigger as `One`. Of the other nothing is
// known then: that shows as an empty tuple, or as an array of any triggers.
type Source<One, Many> = Many extends readonly unknown[]
  ? TriggerSource extends Many[number]
    ? One
    : [Many[number]] extends [never]
      ? One
      : Many[number]
  : never

type TriggeredBy<Ref> = Ref extends CronTrigger<infer Data> ? CronEvent<Data> : EventOf<Ref>

// What nobody can send, such as the events of the engine, can still be given to `start`.
type SentTo<Ref> =
  Ref extends CronTrigger<unknown>
    ? undefined
    : [InputOf<Ref>] extends [never]
      ? EventOf<Ref>['data']
      : InputOf<Ref>

type Parsed<Ref> = Ref extends CronTrigger<unknown> ? undefined : EventOf<Ref>['data']
