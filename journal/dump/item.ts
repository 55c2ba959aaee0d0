import type { Record } from '../entry.ts'
import type { JournalError } from '../error.ts'
import type { EventBody, PostedInput } from '../event.ts'
import type { ScheduleBody } from '../schedule.ts'
import type { DumpHeader } from './header.ts'

/** What a dump holds, in the order in which it holds it: see the grammar in journal/dump.ts. */
export type DumpItem =
  | { readonly kind: 'header'; readonly header: DumpHeader }
  | { readonly kind: 'record'; readonly line: number; readonly record: Record }
  /** What is wrong in one run; what else there is of it is passed over. */
  | { readonly kind: 'damage'; readonly run: string; readonly error: JournalError }
  | OtherItem

/** What there is beside runs. */
export type OtherItem =
  | { readonly kind: 'schedule'; readonly id: string; readonly body: ScheduleBody }
  | { readonly kind: 'limit'; readonly id: string; readonly body: unknown }
  | {
      readonly kind: 'event'
      readonly at: number
      readonly n: number
      readonly body: EventBody
    }
  | { readonly kind: 'eventId'; readonly id: string; readonly at: number }
  | {
      readonly kind: 'input'
      readonly line: number
      readonly run: string
      readonly n: number
      readonly input: PostedInput
    }
