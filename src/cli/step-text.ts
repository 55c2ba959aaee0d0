import type { Secrets } from '../inspect/secrets.ts'
import type { Attempt, Span } from '../inspect/span.ts'
import type { Timeline } from '../inspect/timeline.ts'
import { type CodeFrame, frameLines } from './code-frame.ts'
import { type Looks, paint } from './looks.ts'
import { plain } from './plain.ts'
import { thrownIn } from './thrown.ts'
import { isoText, tookText } from './times.ts'
import { valueText } from './value-text.ts'
import { labelOf } from './waterfall/labels.ts'
import { markOf } from './waterfall/span-look.ts'
import { cut } from './width.ts'

export interface StepShown {
  readonly span: Span
  readonly timeline: Timeline
  readonly frame: CodeFrame | undefined
  readonly secrets: Pick<Secrets, 'mask'>
  readonly now: number
}

const LONGEST_VALUE = 4_000
const MOST_FRAMES = 12

/** One step for people, with all that was tried. */
export function stepText(shown: StepShown, looks: Looks): string {
  const { span, timeline, secrets, frame, now } = shown
  const { mark, style } = markOf(span, looks)
  const { name, told } = labelOf(span, timeline)
  const took = tookText((span.ended?.at ?? Math.max(now, timeline.newest.at)) - span.begun.at)
  const title = [
    paint(looks, 'bold', plain(name)),
    paint(looks, style, `${mark} ${span.state}`),
    took,
  ]
  const lines = [
    title.join('  '),
    ...(told === '' ? [] : [fact('what', told)]),
    fact('run', `${timeline.run}  ${timeline.workflow}`),
    fact('began', isoText(span.begun.at)),
    ...(span.ended === undefined ? [] : [fact('ended', isoText(span.ended.at))]),
    ...resultLines(span, secrets, looks),
    ...span.attempts.flatMap(attempt => ['', ...attemptLines(attempt, secrets, now, looks)]),
    ...(frame === undefined ? [] : ['', placeLine(frame), ...frameLines(frame, looks)]),
  ]
  return `${lines.map(line => line.trimEnd()).join('\n')}\n`
}

const fact = (name: string, told: string): string => `${name.padEnd(9)} ${plain(told)}`

const placeLine = ({ file, line, column }: CodeFrame): string => `${plain(file)}:${line}:${column}`

/** Of a step that failed, its attempts tell. */
function resultLines(
  { state, value, kind }: Span,
  secrets: StepShown['secrets'],
  looks: Looks,
): string[] {
  if (value === undefined) return []
  if (state === 'failed' || kind === 'code') {
    return kind === 'step' ? [] : errorLines(value, looks)
  }
  return [fact('result', valueText(value, secrets, LONGEST_VALUE))]
}

function attemptLines(
  attempt: Attempt,
  secrets: StepShown['secrets'],
  now: number,
  looks: Looks,
): string[] {
  const { number, state, begun, ended, error, retryAt, late } = attempt
  const took = tookText((ended?.at ?? Math.max(now, begun.at)) - begun.at)
  const again =
    retryAt === undefined || ended === undefined
      ? ''
      : `, again ${tookText(retryAt - ended.elapsed)} later`
  const title = `attempt ${number}  ${isoText(begun.at)}  ${state} after ${took}${again}`
  return [
    paint(looks, state === 'failed' ? 'red' : 'bold', title),
    ...(error === undefined ? [] : errorLines(error, looks)),
    ...(late === undefined
      ? []
      : [
          `  came late, ${isoText(late.when.at)}, and was not applied`,
          `  ${plain(valueText(late.value, secrets))}`,
        ]),
  ]
}

function errorLines(error: Uint8Array, looks: Looks): string[] {
  const { title, causes, stack } = thrownIn(error)
  const frames = stack.split('\n').filter(line => line !== '')
  const lines = [
    `  ${plain(title)}`,
    ...causes.map(cause => `  cause  ${plain(cause)}`),
    ...frames.slice(0, MOST_FRAMES).map(line => `    ${plain(line.trim())}`),
  ]
  return lines.map((line, at) =>
    at === 0 ? line : paint(looks, 'dim', cut(line, looks.columns, looks.ascii)),
  )
}
