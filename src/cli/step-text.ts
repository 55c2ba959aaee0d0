import type { Secrets } from '../inspect/secrets.ts'
import type { Attempt, Span } from '../inspect/span.ts'
import type { Timeline } from '../inspect/timeline.ts'
import { type CodeFrame, frameLines } from './code-frame.ts'
import { type Looks, paint } from './looks.ts'
import { said } from './said.ts'
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
  const fact = factLine(looks)
  const { mark, style } = markOf(span, looks)
  const { name, told } = labelOf(span, timeline, Math.max(now, timeline.newest.at))
  const took = tookText((span.ended?.at ?? Math.max(now, timeline.newest.at)) - span.begun.at)
  const title = [
    paint(looks, 'bold', said(name, looks)),
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
    ...(frame === undefined ? [] : ['', placeLine(frame, looks), ...frameLines(frame, looks)]),
  ]
  return `${lines.map(line => line.trimEnd()).join('\n')}\n`
}

const factLine =
  (looks: Looks) =>
  (name: string, told: string): string =>
    `${name.padEnd(9)} ${said(told, looks)}`

const placeLine = ({ file, line, column }: CodeFrame, looks: Looks): string =>
  `${said(file, looks)}:${line}:${column}`

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
  return [factLine(looks)('result', valueText(value, secrets, LONGEST_VALUE))]
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
          `  ${said(valueText(late.value, secrets), looks)}`,
        ]),
  ]
}

function errorLines(error: Uint8Array, looks: Looks): string[] {
  const { title, causes, stack } = thrownIn(error)
  const frames = stack.split('\n').filter(line => line !== '')
  const lines = [
    `  ${said(title, looks)}`,
    ...causes.map(cause => `  cause  ${said(cause, looks)}`),
    ...frames.slice(0, MOST_FRAMES).map(line => `    ${said(line.trim(), looks)}`),
  ]
  return lines.map((line, at) =>
    at === 0 ? line : paint(looks, 'dim', cut(line, looks.columns, looks.ascii)),
  )
}
