import { storedToTaggedJson } from '../../journal/codec/json.ts'
import type { Bytes, Entry, Listener } from '../../journal/entry.ts'
import { entryFacts } from '../../journal/entry-json.ts'
import { withMaskedLimits } from '../inspect/masked-limit.ts'
import type { Secrets } from '../inspect/secrets.ts'
import { shownLiterals } from './condition-text.ts'
import { namesOf } from './names-of.ts'
import type { EntryRecord } from './records/entry.ts'

type Masks = Pick<Secrets, 'mask'>

/** The facts of an entry of a run, whose secrets are masked wherever in them they are. */
export function maskedFacts(entry: Entry, workflow: string, masks: Masks): EntryRecord['facts'] {
  const facts = entryFacts(withMaskedLimits(entry, masks))
  const shown = { ...Object(masks.mask(facts)), ...named(entry, workflow, masks) }
  // Through JSON, which leaves out what is undefined.
  return JSON.parse(JSON.stringify(shown))
}

/** Those for which names of events and of the workflow tell what is secret. */
function named(entry: Entry, workflow: string, masks: Masks): object {
  const data = (bytes: Bytes, of: readonly string[]): unknown =>
    masks.mask(storedToTaggedJson(bytes), of)
  switch (entry.type) {
    case 'run.scheduled':
      return { data: data(entry.data, namesOf(entry.event, workflow)) }
    case 'run.joined':
      return {
        events: entry.events.map(({ event, data: bytes, parent }) => ({
          event,
          data: data(bytes, namesOf(event, workflow)),
          parent,
        })),
      }
    case 'event.received':
      return { data: data(entry.data, [entry.event.name]) }
    case 'wait.set':
    case 'cancel.set':
      return { on: entry.on.map(each => listener(each, masks)) }
    default:
      return {}
  }
}

function listener(listener: Listener, masks: Masks): object {
  const { key, event, program, literals, until } = listener
  const shown = literals && shownLiterals(listener, masks)
  return { key, event, program, literals: shown, until }
}
