import { quoted } from './mermaid-text.ts'
import type { EdgeTally, How, NodeTally, NodeType, Tallies } from './tallies.ts'

/** Of one run, once is not worth saying. */
export type Of = 'one run' | 'many runs'

/** The steps that were observed, as a flowchart of Mermaid; numbers say how often. */
export function flowchart({ nodes, edges }: Tallies, of: Of = 'many runs'): string {
  const ids = new Map(nodes.map(({ key }, at) => [key, `n${at}`]))
  const lines = [
    'flowchart TD',
    ...nodes.map(node => `  ${ids.get(node.key)}${shaped(node, of)}`),
    ...edges.map(edge => `  ${edgeText(edge, ids, of)}`),
  ]
  return `${lines.join('\n')}\n`
}

const SHAPES: { readonly [Type in NodeType]: readonly [open: string, close: string] } = {
  start: ['([', '])'],
  step: ['[', ']'],
  sleep: ['[/', '/]'],
  wait: ['{{', '}}'],
  child: ['[[', ']]'],
  send: ['>', ']'],
  parallel: ['{', '}'],
  end: ['((', '))'],
}

function shaped(node: NodeTally, of: Of): string {
  const [open, close] = SHAPES[node.type]
  return `${open}${quoted(linesOf(node, of).filter(line => line !== ''))}${close}`
}

function linesOf(node: NodeTally, of: Of): readonly string[] {
  const { type, name, detail, count } = node
  switch (type) {
    case 'start':
    case 'end':
      return [name, of === 'one run' ? '' : `${count}`]
    case 'parallel':
      return ['parallel']
    case 'step':
      return [name, countsOf(node, of)]
    case 'sleep':
    case 'wait':
    case 'child':
    case 'send':
      return [`${type} ${name}`, detail, countsOf(node, of)]
    default:
      return type satisfies never
  }
}

/** How often, and in how many runs where that is another number. */
function countsOf({ count, runs, failed, retries, timeouts, now }: NodeTally, of: Of): string {
  if (of === 'one run') {
    return [
      ...(count > 1 ? [`${count} times`] : []),
      ...(retries > 0 ? [retries === 1 ? 'retried' : `${retries} retries`] : []),
      ...(failed > 0 ? ['failed'] : []),
      ...(timeouts > 0 ? ['timed out'] : []),
      ...(now > 0 ? ['now'] : []),
    ].join(', ')
  }
  const told = [
    count === runs ? `${count}` : `${count} in ${runs === 1 ? '1 run' : `${runs} runs`}`,
    ...(retries > 0 ? [`${retries} retried`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(timeouts > 0 ? [`${timeouts} timed out`] : []),
    ...(now > 0 ? [`${now} now`] : []),
  ]
  return told.join(', ')
}

const WORDS: { readonly [Each in How]: string } = {
  ok: '',
  failed: ' failed',
  timeout: ' timed out',
  cancelled: ' cancelled',
}

function edgeText(
  { from, to, how, count }: EdgeTally,
  ids: ReadonlyMap<string, string>,
  of: Of,
): string {
  const arrow = how === 'ok' ? '-->' : '-.->'
  const told = `${of === 'one run' && count === 1 ? '' : count}${WORDS[how]}`.trim()
  const label = told === '' ? '' : `|${quoted([told])}|`
  return `${ids.get(from)} ${arrow}${label} ${ids.get(to)}`
}
