import type { Secrets } from '../inspect/secrets.ts'
import type { Attempt, Span } from '../inspect/span.ts'
import type { Timeline } from '../inspect/timeline.ts'
import { type CodeFrame, frameLines } from './code-frame.ts'
import { type Looks, paint } from './looks.ts'
import { said } from './said.ts'
import { dataNamesOf } from './span-record.ts'
import { thrownIn } from './thrown.ts'
import { isoText, tookText } from './times.ts'
import { valueText } from './value-text.ts'
import { labelOf } from './waterfall/labels.ts'
import { markOf } from './waterfall/span-look.ts'
import { cut } from './width.ts'
import { fromHere, wrapped } from './wrap.ts'

export interface StepShown {
  readonly span: Span
  readonly timeline: Timeline
  readonly frame: CodeFrame | undefined
  readonly secrets: Pick<Secrets, 'mask'>
  readonly now: number
  /** Where the command was called: paths are told from there. */
  readonly cwd: string
}

const LONGEST_VALUE = 4_000
const MOST_FRAMES = 12

/** One step for people, with all that was tried. */
export function stepText(shown: StepShown, looks: Looks): string {
  const { span, timeline, secrets, frame, now, cwd } = shown
  const fact = factLines(looks)
  const from: From = { ...looks, cwd }
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
    ...(told === '' ? [] : fact('what', told)),
    ...fact('run', `${timeline.run}  ${timeline.workflow}`),
    ...fact('began', isoText(span.begun.at)),
    ...(span.ended === undefined ? [] : fact('ended', isoText(span.ended.at))),
    ...resultLines(span, secrets, from),
    ...span.attempts.flatMap(attempt => ['', ...attemptLines(attempt, secrets, now, from)]),
    ...(frame === undefined ? [] : ['', placeLine(frame, looks), ...frameLines(frame, looks)]),
  ]
  return `${lines.map(line => line.trimEnd()).join('\n')}\n`
}

/** Looks, and where paths are told from. */
type From = Looks & Pick<StepShown, 'cwd'>

/** Column in which facts begin. */
const FACTS = 10

const factLines =
  (looks: Looks) =>
  (name: string, told: string): readonly string[] => {
    const room = looks.columns - FACTS
    const [first = '', ...rest] = wrapped(said(told, looks), room)
    return [paint(looks, 'dim', name.padEnd(FACTS)) + first, ...rest.map(line => INDENT + line)]
  }

const INDENT = ' '.repeat(FACTS)

const placeLine = ({ file, line, column }: CodeFrame, looks: Looks): string =>
  `${said(file, looks)}:${line}:${column}`

/** Of a step that failed, its attempts tell. */
function resultLines(span: Span, secrets: StepShown['secrets'], looks: From): readonly string[] {
  const { state, value, kind } = span
  if (value === undefined) return []
  if (state === 'failed' || kind === 'code') {
    return kind === 'step' ? [] : errorLines(value, looks)
  }
  return factLines(looks)('result', valueText(value, secrets, LONGEST_VALUE, dataNamesOf(span)))
}

function attemptLines(
  attempt: Attempt,
  secrets: StepShown['secrets'],
  now: number,
  looks: From,
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

function errorLines(error: Uint8Array, looks: From): string[] {
  const { title, causes, stack } = thrownIn(error)
  const frames = stack.split('\n').filter(line => line !== '')
  const { columns, ascii, cwd } = looks
  const lines = [
    ...causes.map(cause => `  cause  ${said(cause, looks)}`),
    ...frames.slice(0, MOST_FRAMES).map(line => `    ${said(fromHere(line.trim(), cwd), looks)}`),
  ]
  return [
    ...wrapped(said(title, looks), columns, { first: '  ', rest: '    ' }),
    ...lines.map(line => paint(looks, 'dim', cut(line, columns, ascii))),
  ]
}
