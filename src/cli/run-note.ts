import { decodeValue } from '../../journal/codec/decode.ts'
import type { Head } from '../../journal/head.ts'
import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'
import type { Open } from '../../journal/pending.ts'
import type { Source } from '../inspect/source.ts'
import { isoText } from './times.ts'

/** What a list says of a run that its head does not. */
export interface RunNote {
  /** Steps that have ended well; absent: the run is too long to count for a list. */
  readonly steps: number | undefined
  readonly text: string
}

/** Longer runs are not read for a list. */
const LONGEST = 2_000
const WORDS = 200

export async function noteOf(head: Head, source: Source): Promise<RunNote> {
  if (head.parkedFor !== undefined && head.seq > LONGEST) {
    return { steps: undefined, text: head.parkedFor }
  }
  if (head.seq > LONGEST) return { steps: undefined, text: '' }
  const ledger = emptyLedger(head.run)
  let steps = 0
  let text = ''
  for await (const page of source.records(head.run)) {
    for (const record of page) {
      noteRecord(ledger, record)
      for (const entry of record.entries) {
        if (entry.type === 'step.succeeded') steps++
        if (entry.type === 'run.failed') text = errorText(entry.error)
        if (entry.type === 'run.cancelled') text = entry.reason
        if (entry.type === 'run.skipped') text = skippedText(entry.reason, entry.by)
        if (entry.type === 'run.continued') text = `goes on as ${entry.successor}`
      }
    }
  }
  if (text === '') text = head.parkedFor ?? waitingText(ledger)
  return { steps, text: text.slice(0, WORDS) }
}

function errorText(bytes: Uint8Array): string {
  const error = decodeValue(bytes)
  if (!(error instanceof Error)) return String(error)
  return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`
}

const skippedText = (reason: string, by: string | undefined): string =>
  by === undefined ? reason : `${reason}, by ${by}`

function waitingText({ open }: Ledger): string {
  const told = [...open.values()].map(openText).filter(text => text !== '')
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
      return `waits for ${open.on.map(({ event }) => event).join(', ')}`
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
