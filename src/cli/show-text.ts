import { REDACTED, type Secrets } from '../inspect/secrets.ts'
import type { Timeline } from '../inspect/timeline.ts'
import { type CodeFrame, frameLines } from './code-frame.ts'
import { type Looks, paint } from './looks.ts'
import { plain } from './plain.ts'
import type { RunFailure } from './run-failure.ts'
import { runHeader } from './run-header.ts'
import { isoText } from './times.ts'
import { waterfall } from './waterfall/waterfall.ts'
import { cut, pad, widthOf } from './width.ts'

export interface ShowOptions {
  readonly now: number
  readonly secrets: Pick<Secrets, 'mask'>
  readonly collapse?: boolean
  readonly all?: boolean
}

/** What is known of a failure beside the run's own records. */
export interface FailureShown {
  readonly failure: RunFailure
  /** Absent: the source cannot be read here. */
  readonly frame: CodeFrame | undefined
  /** `src/fulfil.ts:48:18`, or empty. */
  readonly place: string
}

const MOST_TIMES = 8

/** A run for people: what it is, what it did and when, and what went wrong. */
export function showText(
  timeline: Timeline,
  looks: Looks,
  options: ShowOptions,
  shown?: FailureShown,
): string {
  const header = runHeader(timeline, looks, options.now, options.secrets)
  const drawn = waterfall(timeline, looks, options)
  const failed = shown === undefined ? [] : failureLines(shown, looks)
  const text = [
    `${header.join('\n')}\n`,
    ...(drawn === '' ? [] : [drawn]),
    ...(failed.length === 0 ? [] : [`${failed.join('\n')}\n`]),
  ].join('\n')
  return looks.ascii ? asciiText(text) : text
}

/** Ids and values of users hold what they like. */
const asciiText = (text: string): string =>
  text.replaceAll(REDACTED, '<redacted>').replace(/[^\p{ASCII}]/gu, '?')

function failureLines({ failure, frame, place }: FailureShown, looks: Looks): string[] {
  const { what, thrown, failedAt, goesOn } = failure
  const mark = looks.ascii ? (goesOn ? '~' : 'X') : goesOn ? '↻' : '✗'
  const title = cut(`${mark} ${plain(what)}`, looks.columns, looks.ascii)
  const times = failedAt.slice(-MOST_TIMES).map(({ at }) => isoText(at).slice(11, 23))
  const lines = [thrown.title, ...thrown.causes.map(cause => `cause  ${cause}`)]
  return [
    withPlace(title, place, looks, goesOn ? 'yellow' : 'red'),
    ...lines.map(line => cut(`  ${plain(line)}`, looks.columns, looks.ascii)),
    ...(frame === undefined ? [] : frameLines(frame, looks)),
    ...(times.length < 2
      ? []
      : [cut(`  attempts  ${times.join('  ')}`, looks.columns, looks.ascii)]),
  ]
}

/** The place is at the right end, if there is room for it. */
function withPlace(title: string, place: string, looks: Looks, style: 'red' | 'yellow'): string {
  const room = looks.columns - widthOf(title) - 2
  const painted = paint(looks, style, title)
  if (place === '') return painted
  const shown = plain(place)
  if (widthOf(shown) > room) return `${painted}\n${cut(`  ${shown}`, looks.columns, looks.ascii)}`
  return `${painted}  ${pad(shown, room, 'right')}`
}
