import { styleText } from 'node:util'
import type { Entry } from '../../journal/entry.ts'
import type { Head } from '../../journal/head.ts'
import type { RunStatus } from '../../journal/lifecycle.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import { momentText } from '../../journal/span.ts'
import { type AdmissionEntry, admissionFacts, isAdmission, type Short } from './admission-story.ts'
import type { Looks } from './looks.ts'
import { namesOf } from './names-of.ts'
import { plain } from './plain.ts'
import { againText, attemptText, dueText, endText, eventsText, shielded } from './story-text.ts'

type Style = Parameters<typeof styleText>[0]

export interface StoryOptions extends Pick<Looks, 'columns' | 'colors'> {
  readonly short: Short
  /** Without what is not to be shown. Default: as it is. */
  readonly hidden?: (entry: AdmissionEntry) => AdmissionEntry
}

/** Tells a run as a story: a title, then one line an entry. */
export class Story {
  readonly #options: StoryOptions
  readonly #seqDigits: number
  readonly title: string
  readonly #workflow: string
  /** What answers refer to, by seq. */
  readonly #subjects = new Map<number, Subject>()

  constructor({ run, workflow, status, seq }: Head, options: StoryOptions) {
    this.#options = options
    this.#workflow = workflow
    this.#seqDigits = Math.max(SEQ_DIGITS, String(seq).length)
    const count = seq === 1 ? '1 entry' : `${seq} entries`
    const [name, of] = [plain(run), plain(workflow)]
    this.title = `${this.#paint('bold', name)}  ${of}  ${this.#paint(STATUS[status], status)}  ${count}\n`
  }

  lines(record: StoredRecord): string {
    let text = ''
    for (const [place, entry] of record.entries.entries()) {
      text += this.#line(entry, record.seq + place, record)
    }
    return text
  }

  #line(entry: Entry, seq: number, record: StoredRecord): string {
    const place = String(seq).padStart(this.#seqDigits)
    const at = momentText(record.at)
    const fixed = [place, at, ''].join('  ').length + TYPE_WIDTH + 2
    const facts = this.#facts(entry, seq, record).filter(Boolean).map(plain).join('  ')
    const told = cut(facts, this.#options.columns - fixed)
    const type = told === '' ? entry.type : entry.type.padEnd(TYPE_WIDTH + 2)
    return `${place}  ${this.#paint('dim', at)}  ${this.#paint(styleOf(entry), type)}${told}\n`
  }

  #facts(entry: Entry, seq: number, { elapsed }: StoredRecord): string[] {
    const { short, hidden } = this.#options
    if (isAdmission(entry)) {
      return admissionFacts(hidden?.(entry) ?? entry, elapsed, this.#workflow, short)
    }
    switch (entry.type) {
      case 'run.scheduled': {
        const { continues, event, parent } = entry
        const origin =
          (continues && `continues ${continues}`) ||
          (parent && `child of ${parent.run}`) ||
          (event && `by ${event.name} ${event.id}`)
        return [origin ?? '', short(entry.data, namesOf(event, this.#workflow))]
      }
      case 'run.started':
      case 'run.paused':
      case 'run.resumed':
      case 'run.unparked':
      case 'code.woke':
        return []
      case 'run.cancel_requested':
      case 'run.cancelled':
        return [entry.reason]
      case 'run.parked':
        return [entry.code, short(entry.report)]
      case 'run.completed':
        return [short(entry.output)]
      case 'run.continued':
        return [`as ${entry.successor}`]
      case 'run.failed':
        return [short(entry.error)]
      case 'step.scheduled':
        this.#subjects.set(seq, { id: entry.id, attempt: 0 })
        return [entry.id, shielded(entry)]
      case 'timer.set': {
        this.#subjects.set(seq, { id: entry.id, attempt: 0 })
        return [entry.id, dueText(entry, elapsed), shielded(entry)]
      }
      case 'code.failed': {
        this.#subjects.set(seq, { id: 'code', attempt: entry.attempt + 1 })
        return [attemptText('code', entry.attempt), againText(entry, elapsed), short(entry.error)]
      }
      case 'start.set':
      case 'wait.set':
      case 'cancel.set':
      case 'child.started':
      case 'event.sent':
      case 'event.received':
      case 'child.finished':
        return this.#eventFacts(entry, seq, elapsed)
      case 'timer.fired':
        return [this.#subject(entry.of)]
      case 'step.succeeded':
        return [this.#subject(entry.of, entry.attempt), short(entry.value)]
      case 'step.failed': {
        const told = this.#subject(entry.of, entry.attempt)
        this.#retry(entry.of, entry.attempt)
        return [told, againText(entry, elapsed), short(entry.error)]
      }
      case 'step.late':
        return [this.#subject(entry.of, entry.attempt), short(entry.value)]
      default:
        return entry satisfies never
    }
  }

  #eventFacts(entry: EventEntry, seq: number, elapsed: number): string[] {
    const { short } = this.#options
    switch (entry.type) {
      case 'start.set':
        return [`at ${momentText(entry.due)}`]
      case 'wait.set':
        this.#subjects.set(seq, { id: entry.id, attempt: 0 })
        return [entry.id, eventsText(entry.on), endText(entry, elapsed), shielded(entry)]
      case 'cancel.set':
        return [eventsText(entry.on)]
      case 'child.started':
        this.#subjects.set(seq, { id: entry.id, attempt: 0 })
        return [entry.id, `${entry.workflow} ${entry.child}`, endText(entry, elapsed)]
      case 'event.sent':
        return [entry.id, entry.events.map(({ name, id }) => `${name} ${id}`).join(', ')]
      case 'event.received':
        return [
          this.#subject(entry.of),
          `${entry.event.name} ${entry.event.id}`,
          short(entry.data, [entry.event.name]),
        ]
      case 'child.finished':
        return [this.#subject(entry.of), short(entry.value)]
      default:
        return entry satisfies never
    }
  }

  #subject(of: number, attempt?: number): string {
    const subject = this.#subjects.get(of)
    return subject === undefined
      ? `entry ${of}`
      : attemptText(subject.id, attempt ?? subject.attempt)
  }

  #retry(of: number, attempt: number): void {
    const subject = this.#subjects.get(of)
    if (subject !== undefined) subject.attempt = attempt + 1
  }

  #paint(style: Style, text: string): string {
    return this.#options.colors ? styleText(style, text, { validateStream: false }) : text
  }
}

type EventEntry = Extract<
  Entry,
  {
    type:
      | 'start.set'
      | 'wait.set'
      | 'cancel.set'
      | 'child.started'
      | 'event.sent'
      | 'event.received'
      | 'child.finished'
  }
>

interface Subject {
  readonly id: string
  /** The attempt that a timer which fires for it begins. */
  attempt: number
}

const SEQ_DIGITS = 4
const TYPE_WIDTH = 'run.cancel_requested'.length

const STATUS: { readonly [Status in RunStatus]: Style } = {
  scheduled: 'cyan',
  running: 'cyan',
  paused: 'yellow',
  completed: 'green',
  failed: 'red',
  cancelled: 'yellow',
  skipped: 'yellow',
  parked: 'magenta',
}

function styleOf({ type }: Entry): Style {
  if (type.endsWith('.failed')) return 'red'
  if (type === 'run.parked') return 'magenta'
  return type.startsWith('run.') ? 'bold' : 'reset'
}

function cut(text: string, width: number): string {
  if (text.length <= width) return text
  const letters = Array.from(text)
  return letters.length <= width ? text : `${letters.slice(0, Math.max(0, width - 1)).join('')}…`
}
