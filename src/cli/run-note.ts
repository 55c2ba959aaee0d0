import { decodeValue } from '../../journal/codec/decode.ts'
import type { Head } from '../../journal/head.ts'
import type { Open } from '../../journal/pending.ts'
import type { Gist } from '../inspect/gist.ts'
import { heardText } from '../inspect/heard.ts'
import { isoText } from './times.ts'

/** What a list says of a run that its head does not. */
export interface RunNote {
  /** Steps that have ended well; absent: the run is too long to count for a list. */
  readonly steps: number | undefined
  readonly text: string
}

const WORDS = 200

export function noteOf({ parkedFor }: Head, gist: Gist | undefined): RunNote {
  if (gist === undefined) return { steps: undefined, text: '' }
  const { steps, end, open } = gist
  const told = end === undefined ? '' : endText(end)
  const text = told === '' ? (parkedFor ?? waitingText(open)) : told
  return { steps, text: text.slice(0, WORDS) }
}

function endText(end: NonNullable<Gist['end']>): string {
  switch (end.type) {
    case 'run.failed':
      return errorText(end.error)
    case 'run.cancelled':
      return end.reason
    case 'run.skipped':
      return skippedText(end.reason, end.by)
    case 'run.continued':
      return `goes on as ${end.successor}`
    default:
      return end satisfies never
  }
}

function errorText(bytes: Uint8Array): string {
  const error = decodeValue(bytes)
  if (!(error instanceof Error)) return String(error)
  return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`
}

const skippedText = (reason: string, by: string | undefined): string =>
  by === undefined ? reason : `${reason}, by ${by}`

function waitingText(open: readonly Open[]): string {
  const told = open.map(openText).filter(text => text !== '')
  return told.join('; ')
}

function openText(open: Open): string {
  switch (open.kind) {
    case 'step':
      return `step ${open.id}${open.attempt > 0 ? `, attempt ${open.attempt}` : ''}`
    case 'sleep':
      return `sleeps in ${open.id}`
    case 'step-backoff':
      return `${open.id} is tried again`
    case 'code-backoff':
      return 'the code is tried again'
    case 'start':
      return `begins at ${isoText(open.due)}`
    case 'wait':
      return `waits for ${open.on.map(heardText).join(', ')}`
    case 'child':
      return `waits for ${open.child}`
    case 'gather':
      return `gathers (${open.gather}): ${open.count}`
    case 'queue':
      return 'waits for its turn'
    case 'cancel':
    case 'slot':
    case 'deadline':
      return ''
    default:
      return open satisfies never
  }
}
