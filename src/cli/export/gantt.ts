import type { Span } from '../../inspect/span.ts'
import type { Timeline } from '../../inspect/timeline.ts'
import { labelOf } from '../waterfall/labels.ts'

/** A run as a Mermaid Gantt chart: a task for each span, a milestone where it ended. */
export function mermaidGantt(timeline: Timeline, now: number): string {
  const { run, workflow, spans, scheduled, newest, ended, status } = timeline
  const end = Math.max(now, newest.at)
  const tasks = spans.map((span, at) => {
    const { name, told } = labelOf(span, timeline, end)
    const title = words(told === '' || told === name ? name : `${name}, ${told}`)
    const to = Math.max(span.begun.at + 1, span.ended?.at ?? end)
    // With the number no title begins as a word or a date does that Mermaid knows.
    return `  ${at + 1} ${title} :${[...tagsOf(span), `s${span.seq}`, span.begun.at, to].join(', ')}`
  })
  const last = ended ?? newest
  return `${[
    'gantt',
    `  title ${words(`${workflow} ${run}`)}`,
    '  dateFormat x',
    `  axisFormat ${end - scheduled.at > 86_400_000 ? '%m-%d %H:%M' : '%H:%M:%S'}`,
    `  section ${words(workflow)}`,
    ...tasks,
    `  ${words(status)} :milestone, end, ${last.at}, ${last.at}`,
  ].join('\n')}\n`
}

function tagsOf({ state }: Span): string[] {
  switch (state) {
    case 'ok':
      return ['done']
    case 'running':
    case 'waiting':
    case 'backoff':
      return ['active']
    case 'failed':
      return ['crit', 'done']
    case 'timed-out':
    case 'cancelled':
    case 'abandoned':
      return ['crit']
    default:
      return state satisfies never
  }
}

/** Text that means nothing to Mermaid. */
const words = (text: string): string => {
  const told = text.replace(/[^\p{L}\p{N}._@/|()×-]+/gu, ' ').trim()
  return told === '' ? '-' : told
}
