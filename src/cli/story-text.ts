import type { Entry, Listener } from '../../journal/entry.ts'
import { momentText, spanText } from '../../journal/span.ts'

/* What is said of entries in a story. */

export const attemptText = (id: string, attempt: number): string =>
  attempt === 0 ? id : `${id}, attempt ${attempt}`

export const shielded = (entry: { readonly shielded?: true }): string =>
  entry.shielded === true ? '(shielded)' : ''

export const dueText = ({ clock, due }: Entry & { type: 'timer.set' }, elapsed: number): string =>
  clock === 'wall' ? `until ${momentText(due)}` : `for ${spanText(due - elapsed)}`

export const eventsText = (on: readonly Listener[]): string =>
  on
    .map(({ event, program }) => (program === undefined ? event : `${event} if ${program}`))
    .join(', ')

export const endText = ({ due }: { readonly due?: number }, elapsed: number): string =>
  due === undefined ? '' : `for ${spanText(due - elapsed)} at most`

export const againText = ({ retryAt }: { readonly retryAt?: number }, elapsed: number): string =>
  retryAt === undefined ? '' : `again in ${spanText(retryAt - elapsed)}`
