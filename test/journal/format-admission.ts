import type { Item, ItemMap } from './format-msgpack.ts'
import { listOf, mapOf } from './format-rows.ts'

/** A gathering, a slot, a place in a lane or a deadline, as docs/journal-format.md says. */
export interface OpenAside {
  readonly kind: 'gather' | 'slot' | 'queue' | 'deadline'
  readonly shielded: boolean
  readonly timer?: { readonly clock: string; readonly due: number }
  /** The entry that opened it, with what was added to it. */
  readonly facts: ItemMap
}

/** What a command opens; `bytes` is how long the data is that the run was scheduled with. */
export function openedAside(type: string, entry: ItemMap, bytes: number): OpenAside | undefined {
  const timer = { clock: 'elapsed', due: Number(entry.get('due')) }
  switch (type) {
    case 'gather.set': {
      const facts = new Map(entry).set('count', 1).set('bytes', bytes)
      return { kind: 'gather', shielded: true, timer, facts }
    }
    case 'slot.set':
      return { kind: 'slot', shielded: true, facts: entry }
    case 'queue.set':
      return { kind: 'queue', shielded: true, facts: entry }
    case 'deadline.set':
      return { kind: 'deadline', shielded: false, timer, facts: entry }
    default:
      return undefined
  }
}

/** What a gathering becomes when more joins; nothing: it is over. */
export function joined({ facts, ...gather }: OpenAside, entry: ItemMap): OpenAside | undefined {
  if (entry.get('full') === true) return undefined
  const events = listOf(entry.get('events')).map(mapOf)
  const length = events.reduce((sum, event) => sum + lengthOf(event.get('data')), 0)
  const due = entry.get('due') ?? facts.get('due') ?? null
  const times = events.flatMap(each => {
    const event = each.get('event')
    return event === undefined ? [] : [Number(mapOf(event).get('ts'))]
  })
  const grown = new Map(facts)
    .set('ts', Math.max(Number(facts.get('ts')), ...times))
    .set('count', Number(facts.get('count')) + events.length)
    .set('bytes', Number(facts.get('bytes')) + length)
    .set('due', due)
  return { ...gather, timer: { clock: 'elapsed', due: Number(due) }, facts: grown }
}

/** What a deadline becomes when it is moved; nothing: there is none any more. */
export function moved(open: OpenAside, entry: ItemMap): OpenAside | undefined {
  if (open.kind !== 'deadline' || open.facts.get('phase') !== entry.get('phase')) return open
  const to = entry.get('to')
  if (to === undefined) return undefined
  return { ...open, timer: { clock: 'elapsed', due: Number(mapOf(to).get('due')) } }
}

/** What is open in place of this once the run starts; nothing: it is closed. */
export function started(open: OpenAside): OpenAside | undefined {
  if (open.kind === 'deadline') return open.facts.get('phase') === 'start' ? undefined : open
  if (open.kind !== 'queue') return open
  const { facts } = open
  return listOf(facts.get('holds')).length > 0 ? { kind: 'slot', shielded: true, facts } : undefined
}

/** Key and body of the row that belongs to it. */
export function rowOf(
  { kind, facts }: OpenAside,
  seq: number,
  workflow: Item,
): readonly [key: string, body: ItemMap] | undefined {
  const only = (...names: readonly string[]): Map<string, Item> =>
    new Map(names.map(name => [name, facts.get(name) ?? null]))
  const held = `h!<run>!${digits(seq, 10)}`
  switch (kind) {
    case 'slot':
      return [held, only('holds').set('kind', 'slot')]
    case 'gather': {
      const until = facts.has('until') ? ['until'] : []
      const body = only('gather', 'key', 'mode', 'due', ...until, 'ts', 'count', 'bytes')
      return [held, body.set('kind', 'gather').set('workflow', workflow)]
    }
    case 'queue': {
      const [rank, place] = ['rank', 'place'].map(name => digits(Number(facts.get(name)), 16))
      const key = `q!${escaped(String(facts.get('lane')))}!${rank}!${place}!<run>!${digits(seq, 10)}`
      return [key, only('limits', 'holds', 'bytes').set('workflow', workflow)]
    }
    case 'deadline':
      return undefined
  }
}

export const lengthOf = (item: Item | undefined): number =>
  item instanceof Uint8Array ? item.length : Number.NaN

const digits = (n: number, width: number): string => String(n).padStart(width, '0')

/** As in keys. */
export const escaped = (text: string): string =>
  Array.from(Buffer.from(text), byte => {
    const letter = String.fromCharCode(byte)
    if (/[A-Za-z0-9_.~/@-]/.test(letter)) return letter
    return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
