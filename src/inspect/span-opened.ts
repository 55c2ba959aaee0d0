import type { Entry } from '../../journal/entry.ts'
import type { Opened } from './span-book.ts'

/** Entries that begin a span. */
export type Asked = Extract<
  Entry,
  {
    type:
      | 'step.scheduled'
      | 'timer.set'
      | 'wait.set'
      | 'child.started'
      | 'event.sent'
      | 'code.failed'
      | 'start.set'
      | 'queue.set'
      | 'gather.set'
  }
>

/** What an entry opens. */
export function openedBy(entry: Asked): Opened {
  switch (entry.type) {
    case 'step.scheduled':
      return { ...calledBy(entry), kind: 'step', state: 'running' }
    case 'timer.set': {
      const { clock, due } = entry
      return { ...calledBy(entry), kind: 'sleep', clock, due, state: 'waiting' }
    }
    case 'wait.set':
      return { ...calledBy(entry), ...dueOf(entry), kind: 'wait', on: entry.on, state: 'waiting' }
    case 'child.started': {
      const { child, workflow, abandon = false } = entry
      const facts = { kind: 'child', child, workflow, abandon, state: 'waiting' } as const
      return { ...calledBy(entry), ...dueOf(entry), ...facts }
    }
    case 'event.sent':
      return { ...calledBy(entry), kind: 'send', events: entry.events, state: 'running' }
    case 'code.failed': {
      const { attempt, retryAt, error: value } = entry
      const again = { ...(retryAt !== undefined && { retryAt }) }
      return { id: '', shielded: false, kind: 'code', attempt, ...again, value, state: 'backoff' }
    }
    case 'start.set':
      return { ...ENGINES, kind: 'start', due: entry.due, state: 'waiting' }
    case 'queue.set':
      return { ...ENGINES, kind: 'queue', queue: entry, state: 'waiting' }
    case 'gather.set':
      return {
        ...ENGINES,
        kind: 'gather',
        gather: entry,
        due: entry.due,
        count: 1,
        state: 'waiting',
      }
    default:
      return entry satisfies never
  }
}

/** What the engine asks for goes on when the run is cancelled. */
const ENGINES = { id: '', shielded: true } as const

interface Named {
  readonly id: string
  readonly shielded?: true
}

const calledBy = ({ id, shielded }: Named): { id: string; shielded: boolean } => ({
  id,
  shielded: shielded === true,
})

const dueOf = ({ due }: { readonly due?: number }): { due?: number } =>
  due === undefined ? {} : { due }
