import type { Entry } from '../../../journal/entry.ts'
import { heardText } from '../../inspect/heard.ts'

export type CallType = 'step' | 'sleep' | 'wait' | 'child' | 'send'

/** What code asks for, whichever time round. */
export interface Call {
  /** Names the node: calls of one type and id are one. */
  readonly node: string
  readonly type: CallType
  /** Without its occurrence. */
  readonly id: string
  /** What else is known of it: events, or the child's workflow. */
  readonly detail: string
}

/** Undefined: it is no call of the code. */
export function callOf(entry: Entry): Call | undefined {
  switch (entry.type) {
    case 'step.scheduled':
      return call('step', entry.id, '')
    case 'timer.set':
      return call('sleep', entry.id, '')
    case 'wait.set':
      return call('wait', entry.id, names(entry.on.map(heardText)))
    case 'child.started':
      return call('child', entry.id, entry.workflow)
    case 'event.sent':
      return call('send', entry.id, names(entry.events.map(({ name }) => name)))
    default:
      return undefined
  }
}

function call(type: CallType, withOccurrence: string, detail: string): Call {
  const id = withOccurrence.replace(/:\d+$/, '')
  return { node: `${type} ${id}`, type, id, detail }
}

const MOST = 3

function names(all: readonly string[]): string {
  const each = [...new Set(all)]
  const more = each.length > MOST ? ', ...' : ''
  return `${each.slice(0, MOST).join(', ')}${more}`
}
