import { isDeepStrictEqual } from 'node:util'
import { decodeValue } from '../../journal/codec/decode.ts'
import type { Entry } from '../../journal/entry.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import type { ExchangeSeen, Stored } from './event-book.ts'
import { triggers } from './event-facts.ts'
import type { History } from './history.ts'
import type { Law } from './law.ts'
import { ENDINGS, WATCHER } from './workflows.ts'

const DAY = 86_400_000

export const eventLaws: readonly Law<ExchangeSeen>[] = [
  {
    name: 'an event is stored once',
    fault({ items, book }) {
      for (const event of eventsOf(items)) {
        // The id of a run may be used again, and so that of what tells of its end.
        if (isOwn(event)) continue
        const again = book.stored.find(
          ({ id, row, at }) =>
            id === event.id && row !== event.row && (isMade(id) || event.at - at <= DAY),
        )
        if (again !== undefined) return `${event.id} is in ${again.row} and ${event.row}`
      }
      return undefined
    },
  },
  {
    name: 'every event has a sender',
    fault({ items, book }) {
      const sent = new Set(
        entriesOf(items, 'event.sent').flatMap(({ entry }) => entry.events.map(e => e.id)),
      )
      const ended = new Set(recordsOf(items).flatMap(record => endOf(record) ?? []))
      for (const event of eventsOf(items)) {
        const { id, row } = event
        if (isOwn(event) ? ended.has(id) : sent.has(id)) continue
        const isOutside = id.startsWith('own-') ? (book.asked.get(id) ?? 0) > 0 : isMade(id)
        if (isOwn(event) || !isOutside) return `nobody sent ${row}, ${id}`
      }
      return undefined
    },
  },
  {
    name: 'what a run sends is stored with its record, once',
    fault({ items, book }) {
      const stored = eventsOf(items)
      for (const { run, entry } of entriesOf(items, 'event.sent')) {
        const call = book.calls.get(`${run} ${entry.id}`)
        if (call?.node.kind !== 'send') return `${run} sends ${entry.id}, and did not ask for it`
        const hops = (call.facts.hops ?? 0) + 1
        for (const [at, { id, name }] of entry.events.entries()) {
          const wanted = call.node.events[at]
          const data = { k: wanted?.k, n: wanted?.n, hops }
          const found = stored.filter(event => event.id === id && event.name === name)
          if (found.length !== 1) return `${id} of ${run} ${entry.id}: ${found.length} of it`
          if (name !== wanted?.name || !isDeepStrictEqual(found[0]?.data, data))
            return `${id} is wrong`
        }
      }
      return undefined
    },
  },
  {
    name: 'the end of a run is told once, in the write of its end',
    fault({ items, history }) {
      const stored = eventsOf(items)
      for (const record of recordsOf(items)) {
        const id = endOf(record)
        if (id === undefined) continue
        const { startedBy, workflow } = history.run(record.run)?.ledger ?? {}
        const isTold = history.isWatched && !/^perdure\/run\.[^s]/.test(startedBy ?? '')
        const found = stored.filter(event => event.id === id).length
        if (found !== (isTold ? 1 : 0)) return `${id} of ${workflow}: told ${found} times`
      }
      return undefined
    },
  },
  {
    name: 'an event starts what it is to start, each once',
    fault({ items, history }) {
      const expected = eventsOf(items).flatMap(event =>
        history.listeningWorkflows
          .filter(({ triggers: specs }) => specs.some(spec => triggers(spec, event)))
          .map(({ workflow }) => `${workflow} ${event.name} ${event.id}`)
          .concat(
            startsWatcher(event) && history.isWatched ? `${WATCHER} ${event.name} ${event.id}` : [],
          ),
      )
      const started = entriesOf(items, 'run.scheduled').flatMap(
        ({ entry: { workflow, event, schedule } }) =>
          event === undefined || schedule !== undefined || workflow.includes('/')
            ? []
            : `${workflow} ${event.name} ${event.id}`,
      )
      const here = gathered(items, history)
      started.push(...here)
      // Of those of which the newest counts the others leave nothing.
      const due = expected.filter(text => {
        const [workflow = ''] = text.split(' ')
        const { mode, edge } = history.flowOf(workflow)?.debounce ?? {}
        if (started.includes(text)) return true
        return (mode !== 'last' || edge !== undefined) && !mayHaveJoined(workflow, items, history)
      })
      expected.splice(0, expected.length, ...due)
      expected.sort()
      started.sort()
      return isDeepStrictEqual(started, expected)
        ? undefined
        : `started ${started.join(', ')}; to be started: ${expected.join(', ')}`
    },
  },
  {
    name: 'a run that an event starts has what the event brings',
    fault({ items }) {
      for (const { run, entry, record } of entriesOf(items, 'run.scheduled')) {
        const { event, data, workflow, schedule } = entry
        if (event === undefined || schedule !== undefined || workflow.includes('/')) continue
        const stored = eventsOf(items).find(
          ({ id, name }) => id === event.id && name === event.name,
        )
        if (stored === undefined) continue
        if (!sameValue(decodeValue(data), stored.data)) return `${run} has other data`
        // What is skipped begins at no time, and what is gathered when that is over.
        if (record.entries.some(({ type }) => type === 'run.skipped' || type === 'gather.set')) {
          continue
        }
        const later = record.entries.find(({ type }) => type === 'start.set')
        const due = later?.type === 'start.set' ? later.due : undefined
        if (due !== (stored.ts > stored.at ? stored.ts : undefined))
          return `${run} begins at ${due}`
      }
      return undefined
    },
  },
  {
    name: 'a run begins with what cancels it',
    fault({ items, history }) {
      for (const { run, entry, record } of entriesOf(items, 'run.scheduled')) {
        const isExpected = history.cancelOf(run).some(({ how }) => how !== 'never')
        const isThere = record.entries.some(({ type }) => type === 'cancel.set')
        if (isExpected && !isThere) return `${run} of ${entry.workflow} listens for nothing`
      }
      return undefined
    },
  },
  {
    name: 'a wait is no longer than it was asked for, and looks back as far',
    fault({ items, book }) {
      for (const { run, entry, record } of entriesOf(items, 'wait.set')) {
        const node = book.calls.get(`${run} ${entry.id}`)?.node
        if (node === undefined || node.kind === 'send' || node.kind === 'invoke') continue
        const ms = node.kind === 'any of' ? Math.min(...node.timers) : node.timeout
        // The code may have asked for it when an earlier input was held back.
        const { due = Number.POSITIVE_INFINITY, since = 0 } = entry
        if (due > Math.ceil(record.elapsed + ms)) return `${run}!${entry.id} is due at ${due}`
        if (node.kind !== 'wait' || node.back === undefined) continue
        if (since > record.at - node.back) return `${run}!${entry.id} looks back to ${since}`
      }
      return undefined
    },
  },
  {
    name: 'a run that ends badly is handled once',
    fault({ items, history }) {
      const handled = entriesOf(items, 'run.scheduled').flatMap(({ entry }) =>
        entry.workflow.includes('/') ? `${entry.workflow} ${entry.event?.id}` : [],
      )
      const expected = recordsOf(items).flatMap(record => {
        const id = endOf(record)
        const workflow = history.run(record.run)?.ledger.workflow ?? ''
        if (id === undefined || !history.isHandled(workflow)) return []
        if (id.endsWith('/failed')) return `${workflow}/on-failure ${id}`
        return id.endsWith('/cancelled') ? `${workflow}/on-cancel ${id}` : []
      })
      handled.sort()
      expected.sort()
      return isDeepStrictEqual(handled, expected)
        ? undefined
        : `handled ${handled.join(', ')}; to be handled: ${expected.join(', ')}`
    },
  },
]

type Items = ExchangeSeen['items']

/** What joined a run that was cancelled in the same write is not to be seen there. */
const mayHaveJoined = (workflow: string, items: Items, history: History): boolean =>
  items.some(item => {
    const run = item.kind === 'post' && item.post.brief ? history.run(item.post.run) : undefined
    return run?.ledger.workflow === workflow && run.ledger.cancelled !== undefined
  })

/** The events that joined a run, each named with its workflow. */
function gathered(items: Items, history: History): string[] {
  const ticks = new Set(
    entriesOf(items, 'run.scheduled').flatMap(({ entry: { event, schedule } }) =>
      schedule === undefined ? [] : (event?.id ?? []),
    ),
  )
  const fresh = new Set(eventsOf(items).map(({ id }) => id))
  const joined = items.flatMap(item => {
    if (item.kind === 'event') return []
    const { run } = item.kind === 'post' ? item.post : item.record
    const input = item.kind === 'post' ? item.post.input : item.record.entries[0]
    if (input?.type !== 'run.joined') return []
    const { workflow } = history.run(run)?.ledger ?? {}
    return input.events.flatMap(({ event }) =>
      event === undefined || ticks.has(event.id) || !fresh.has(event.id)
        ? []
        : `${workflow} ${event.name} ${event.id}`,
    )
  })
  return [...new Set(joined)]
}

const eventsOf = (items: Items): Stored[] =>
  items.flatMap(item => (item.kind === 'event' ? [item.event] : []))

export const recordsOf = (items: Items): StoredRecord[] =>
  items.flatMap(item => (item.kind === 'record' ? [item.record] : []))

export function entriesOf<Type extends Entry['type']>(
  items: Items,
  type: Type,
): { run: string; record: StoredRecord; entry: Extract<Entry, { type: Type }> }[] {
  return recordsOf(items).flatMap(record =>
    record.entries
      .filter((entry): entry is Extract<Entry, { type: Type }> => entry.type === type)
      .map(entry => ({ run: record.run, record, entry })),
  )
}

/** The id of what tells of the end, if the record ends its run. */
function endOf({ run, entries }: StoredRecord): string | undefined {
  const last = entries.at(-1)?.type
  const status = ENDINGS.find(status => last === `run.${status}`)
  return status && `${run}/${status}`
}

/** Made by the engine: of a run, or for what came without an id. */
const isMade = (id: string): boolean => id.startsWith('evt_')

/** One that tells of the end of a run. */
const isOwn = ({ name }: Stored): boolean => name.startsWith('perdure/run.')

const startsWatcher = ({ name }: Stored): boolean =>
  ENDINGS.some(status => name === `perdure/run.${status}`)

// Errors in it are equal by what they say: a value of a run's end holds one.
const sameValue = (a: unknown, b: unknown): boolean =>
  isDeepStrictEqual(a, b) || JSON.stringify(a) === JSON.stringify(b)
