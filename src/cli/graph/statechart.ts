import { isFinal, lifecycle, type RunStatus } from '../../../journal/lifecycle.ts'
import type { StatechartRecord } from '../records/graph.ts'
import { escaped } from './mermaid-text.ts'

type State = StatechartRecord['states'][number]

const names = Object.keys(lifecycle) as RunStatus[]

/** The table of what may happen to a run. */
export const states = (): State[] =>
  names.map(name => {
    const byTarget = new Map<RunStatus, string[]>()
    for (const [type, to] of Object.entries(lifecycle[name])) {
      byTarget.set(to, [...(byTarget.get(to) ?? []), type])
    }
    const transitions = [...byTarget].map(([to, on]) => ({ to, on }))
    return { name, final: isFinal(name), transitions }
  })

/** The same as a diagram of Mermaid; with counts, how many runs are in each state. */
export function statechart(counts: ReadonlyMap<string, number> | undefined): string {
  const lines = ['stateDiagram-v2', '  [*] --> scheduled']
  for (const { name, final, transitions } of states()) {
    if (counts !== undefined) lines.push(`  ${name} : ${name} (${counts.get(name) ?? 0})`)
    for (const { to, on } of transitions) {
      lines.push(`  ${name} --> ${to} : ${on.map(escaped).join('<br>')}`)
    }
    if (final) lines.push(`  ${name} --> [*]`)
  }
  return `${lines.join('\n')}\n`
}
