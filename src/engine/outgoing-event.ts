import type { SentEvent } from '../run/call.ts'

export type OutgoingEvent = SentEvent
