import type { Head } from '../../journal/head.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import type { RunQuery } from './source.ts'

/** Whether a run is among those asked for. */
export function wantedBy(query: RunQuery): (head: Head) => boolean {
  const { status, workflow, since, until, suffix } = query
  const named = workflow === undefined ? undefined : globOf(workflow)
  return head =>
    (status?.includes(head.status) ?? true) &&
    (named?.(head.workflow) ?? true) &&
    (since === undefined || head.createdAt >= since) &&
    (until === undefined || head.createdAt < until) &&
    (suffix === undefined || head.run.endsWith(suffix))
}

/** Whether runs that have ended, or those that have not, may be among them. */
export const mayBe = (which: 'active' | 'ended', { status }: Pick<RunQuery, 'status'>): boolean =>
  status?.some(each => isFinal(each) === (which === 'ended')) ?? true

/** Compares with a pattern in which `*` stands for any text, in time that grows with their product. */
export function globOf(pattern: string): (text: string) => boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return text => text === first
  return text => {
    if (text.length < first.length + last.length) return false
    if (!text.startsWith(first) || !text.endsWith(last)) return false
    let from = first.length
    const end = text.length - last.length
    for (const part of rest) {
      const at = text.indexOf(part, from)
      if (at === -1 || at + part.length > end) return false
      from = at + part.length
    }
    return true
  }
}
