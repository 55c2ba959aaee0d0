import type { Timeline } from '../inspect/timeline.ts'
import type { Looks } from './looks.ts'
import { plain } from './plain.ts'
import type { RunFailure } from './run-failure.ts'
import { widthOf } from './width.ts'

/** What one would ask next of such a run, as a line or more; empty: nothing. */
export function nextText(
  ref: string,
  { status }: Timeline,
  failure: RunFailure | undefined,
  { columns }: Looks,
): string {
  const run = quoted(ref)
  const step = failure?.step === undefined ? undefined : quoted(failure.step.id)
  const asked = [
    ...(step === undefined ? [] : [`step ${run} ${step}`]),
    ...(status === 'failed' ? [`rerun ${run}${step === undefined ? '' : ` --from ${step}`}`] : []),
    ...(status === 'parked' ? [`replay --run ${run} --code <module>`, `retry ${run}`] : []),
    ...(status === 'running' || status === 'scheduled' ? [`why ${run}`, `watch ${run}`] : []),
    ...(status === 'paused' ? [`resume ${run}`] : []),
    ...(status === 'completed' ? [`events ${run}`] : []),
  ]
  if (asked.length === 0) return ''
  let lines = 'Next: '
  let width = lines.length
  for (const each of asked) {
    const text = ` perdure ${each}`
    if (width > 6 && width + 3 + widthOf(text) > columns) {
      lines += `\n      ${text}`
      width = 6 + widthOf(text)
      continue
    }
    const between = width > 6 ? '   ' : ''
    lines += between + text
    width += between.length + widthOf(text)
  }
  return `${lines}\n`
}

const quoted = (text: string): string =>
  /^[\w@:.,/+-]+$/.test(text) ? text : `'${plain(text).replaceAll("'", String.raw`'\''`)}'`
