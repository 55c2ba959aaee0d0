import { quoted } from './mermaid-text.ts'
import type { EdgeTally, How, NodeTally, NodeType, Tallies } from './tallies.ts'

/** The steps that were observed, as a flowchart of Mermaid; numbers say how often. */
export function flowchart({ nodes, edges }: Tallies): string {
  const ids = new Map(nodes.map(({ key }, at) => [key, `n${at}`]))
  const lines = [
    'flowchart TD',
    ...nodes.map(node => `  ${ids.get(node.key)}${shaped(node)}`),
    ...edges.map(edge => `  ${edgeText(edge, ids)}`),
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

function shaped(node: NodeTally): string {
  const [open, close] = SHAPES[node.type]
  return `${open}${quoted(linesOf(node))}${close}`
}

function linesOf(node: NodeTally): readonly string[] {
  const { type, name, detail, count } = node
  switch (type) {
    case 'start':
    case 'end':
      return [name, `${count}`]
    case 'parallel':
      return ['parallel']
    case 'step':
      return [name, countsOf(node)]
    case 'sleep':
    case 'wait':
    case 'child':
    case 'send':
      return [`${type} ${name}`, ...(detail === '' ? [] : [detail]), countsOf(node)]
    default:
      return type satisfies never
  }
}

/** How often, and in how many runs where that is another number. */
function countsOf({ count, runs, failed, retries, timeouts, now }: NodeTally): string {
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

function edgeText({ from, to, how, count }: EdgeTally, ids: ReadonlyMap<string, string>): string {
  const arrow = how === 'ok' ? '-->' : '-.->'
  return `${ids.get(from)} ${arrow}|${quoted([`${count}${WORDS[how]}`])}| ${ids.get(to)}`
}
