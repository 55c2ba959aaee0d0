import type { Bytes, Entry } from '../../journal/entry.ts'
import { spanText } from '../../journal/span.ts'
import { namesOf } from './names-of.ts'

/** A stored value in a few words. `of`: names of those whose data it is. */
export type Short = (bytes: Bytes, of?: readonly string[]) => string

/** Tells what kept a run from its beginning, or from beginning at all. */
export function admissionFacts(
  entry: AdmissionEntry,
  elapsed: number,
  workflow: string,
  short: Short,
): string[] {
  switch (entry.type) {
    case 'run.joined': {
      const joined = entry.events.map(({ event, data }) =>
        [event && `${event.name} ${event.id}`, short(data, namesOf(event, workflow))]
          .filter(Boolean)
          .join(' '),
      )
      return [forText(entry, elapsed), entry.full === true ? '(full)' : '', joined.join(', ')]
    }
    case 'gather.set':
      return [entry.gather, forText(entry, elapsed), entry.key]
    case 'slot.set':
      return [entry.holds.join(', ')]
    case 'queue.set':
      return [`place ${entry.place}`, entry.limits.join(', ')]
    case 'deadline.set':
      return [`to ${entry.phase}`, forText(entry, elapsed)]
    case 'deadline.moved':
      return [`to ${entry.phase}`, entry.to === undefined ? 'gone' : forText(entry.to, elapsed)]
    case 'run.skipped':
      return [entry.reason, entry.by === undefined ? '' : `by ${entry.by}`]
    default:
      return entry satisfies never
  }
}

const TYPES = [
  'run.joined',
  'gather.set',
  'slot.set',
  'queue.set',
  'deadline.set',
  'deadline.moved',
  'run.skipped',
] as const

export type AdmissionEntry = Extract<Entry, { type: (typeof TYPES)[number] }>

export const isAdmission = (entry: Entry): entry is AdmissionEntry =>
  TYPES.some(type => type === entry.type)

const forText = ({ due }: { readonly due?: number }, elapsed: number): string =>
  due === undefined ? '' : `for ${spanText(due - elapsed)}`
