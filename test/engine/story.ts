import type { RunHandle } from 'perdure'

/** A run's entries as short lines, for tests to compare. */
export async function story(handle: RunHandle): Promise<string[]> {
  const lines: string[] = []
  const ids = new Map<number, string>()
  for await (const { seq, type, ...facts } of handle.entries()) {
    if (typeof facts.id === 'string') ids.set(seq, facts.id)
    const of = typeof facts.of === 'number' ? ids.get(facts.of) : facts.id
    lines.push([type, of, facts.attempt || undefined].filter(part => part !== undefined).join(' '))
  }
  return lines
}
