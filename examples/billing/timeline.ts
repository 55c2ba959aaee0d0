import { inspect } from 'node:util'
import type { RunEntry } from 'perdure'

/** Something that happened around a run and is no entry of it. */
export interface Note {
  readonly at: number
  readonly text: string
}

/** A run, one line an entry: when, what, in which step, and the data in short. */
export function timeline(entries: readonly RunEntry[], notes: readonly Note[]): string[] {
  const start = entries[0]?.at ?? 0
  const steps = new Map(entries.map(entry => [entry.seq, entry.id]))
  const lines = entries.map(entry => ({
    at: entry.at,
    text: [
      `+${offset(entry.at - start)}`,
      entry.type.padEnd(15),
      String(entry.id ?? steps.get(Number(entry.of)) ?? '').padEnd(16),
      dataOf(entry),
    ].join('  '),
  }))
  const around = notes.map(({ at, text }) => ({ at, text: `+${offset(at - start)}  --- ${text}` }))
  // Sorting is stable: entries of one moment stay in their order.
  return [...lines, ...around].sort((a, b) => a.at - b.at).map(({ text }) => text.trimEnd())
}

function dataOf(entry: RunEntry): string {
  if (entry.type === 'timer.set' && entry.clock === 'wall') {
    return `until ${new Date(Number(entry.due)).toISOString()}`
  }
  if (entry.type === 'timer.set') return `for ${offset(Number(entry.due) - entry.elapsed)}`
  if (entry.retryAt !== undefined && entry.error instanceof Error) {
    const wait = offset(Number(entry.retryAt) - entry.elapsed)
    return `${short(entry.error.message)}, again in ${wait}`
  }
  if (entry.error instanceof Error) return short(entry.error.message)
  const data = entry.data ?? entry.value ?? entry.output ?? entry.reason
  return data === undefined ? '' : short(inspect(data, { breakLength: Number.POSITIVE_INFINITY }))
}

const offset = (ms: number): string => `${(ms / 1_000).toFixed(3)} s`

const short = (text: string): string => (text.length > 50 ? `${text.slice(0, 49)}…` : text)
