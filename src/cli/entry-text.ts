import type { Entry } from '../../journal/entry.ts'
import type { EntryRecord } from './records/entry.ts'
import { isoText, tookText } from './times.ts'
import { jsonText } from './value-text.ts'

/** Facts that are told elsewhere on the line, or that nobody reads. */
const UNTOLD = new Set(['id', 'of', 'seed', 'given', 'ts', 'clock', 'storedAt', 'bytes'])
/** What a line is about: told without its name. */
const BARE = new Set(['data', 'value', 'output', 'error', 'report', 'reason', 'code', 'workflow'])
const ON_THE_ELAPSED_CLOCK = new Set(['due', 'until', 'retryAt'])

/** The facts of an entry in a line, from its record, which has them masked. */
export function entryText(entry: Entry, { facts }: EntryRecord, elapsed: number): string {
  const told: string[] = []
  for (const [name, fact] of Object.entries(facts)) {
    if (UNTOLD.has(name) || fact === undefined) continue
    told.push(factText(name, fact, isOnWall(entry), elapsed))
  }
  return told.filter(text => text !== '').join('  ')
}

function factText(name: string, fact: unknown, onWall: boolean, elapsed: number): string {
  if (typeof fact === 'number' && ON_THE_ELAPSED_CLOCK.has(name)) {
    const word = name === 'retryAt' ? 'again in' : 'for'
    return onWall ? `until ${isoText(fact)}` : `${word} ${tookText(fact - elapsed)}`
  }
  if (name === 'attempt') return fact === 0 ? '' : `attempt ${String(fact)}`
  if (name === 'ok') return fact === true ? '' : 'failed'
  if (BARE.has(name)) return bareText(name, fact)
  if (fact === true) return name
  return `${name} ${typeof fact === 'string' ? fact : jsonText(fact)}`
}

function bareText(name: string, fact: unknown): string {
  if (typeof fact === 'string' && name !== 'data') return fact
  const text = jsonText(fact)
  return text === 'undefined' ? '' : text
}

const isOnWall = (entry: Entry): boolean =>
  entry.type === 'start.set' || (entry.type === 'timer.set' && entry.clock === 'wall')
