import type { Entry, RunScheduled } from '../../journal/entry.ts'
import { heardText } from '../inspect/heard.ts'
import { withMaskedLimits } from '../inspect/masked-limit.ts'
import type { Secrets } from '../inspect/secrets.ts'
import { type AdmissionEntry, admissionFacts, isAdmission } from './admission-story.ts'
import { type Looks, paint, type Style } from './looks.ts'
import { namesOf } from './names-of.ts'
import { plain } from './plain.ts'
import { shownId } from './run-ref.ts'
import type { Subject } from './subjects.ts'
import { isoText, tookText } from './times.ts'
import { dataText } from './value-text.ts'
import { cut, pad } from './width.ts'

/** An entry, and what is known of it besides. */
export interface Told {
  readonly run: string
  readonly workflow: string
  readonly entry: Entry
  readonly at: number
  readonly elapsed: number
  readonly subject: Subject | undefined
}

/** An entry in one line, as wide as the terminal. */
export function tailLine(told: Told, looks: Looks, secrets: Pick<Secrets, 'mask'>): string {
  const { run, at } = told
  const entry = withMaskedLimits(told.entry, secrets)
  const [mark, ascii, style] = markOf(entry)
  const time = looks.time === 'epoch' ? String(at) : clockText(at, looks)
  const width = looks.columns < NARROW ? ID_WIDTH / 2 : ID_WIDTH
  const name = pad(cut(plain(shownId(run, looks.ascii)), width, looks.ascii), width)
  const [what, ...rest] = factsOf({ ...told, entry }, secrets).filter(
    (text, at) => at === 0 || text !== UNDEFINED,
  )
  const title = pad(plain(what ?? ''), WHAT_WIDTH)
  const facts = rest
    .filter(text => text !== '')
    .map(plain)
    .join('  ')
  const fixed = `${time}  ${name}  ${looks.ascii ? ascii : mark} `
  const room = Math.max(0, looks.columns - fixed.length)
  const text = cut(`${title}  ${facts}`.trimEnd(), room, looks.ascii)
  const painted = [
    paint(looks, 'dim', time),
    name,
    paint(looks, style, `${looks.ascii ? ascii : mark} ${text}`.trimEnd()),
  ]
  return `${painted.join('  ').trimEnd()}\n`
}

/** What a step has that gave nothing. */
const UNDEFINED = 'undefined'

const NARROW = 100
const ID_WIDTH = 20
const WHAT_WIDTH = 22

/** Of a day that one looks at the time is enough. */
const clockText = (at: number, { time }: Looks): string =>
  time === 'iso' ? isoText(at) : isoText(at).slice(11, 23)

type Mark = readonly [mark: string, ascii: string, style: Style]

function markOf({ type }: Entry): Mark {
  if (type === 'run.started' || type === 'run.resumed' || type === 'run.unparked') return PLAY
  if (type === 'run.completed' || type === 'step.succeeded' || type === 'run.continued') return GOOD
  if (type === 'run.failed') return BAD
  if (type === 'step.failed' || type === 'code.failed') return AGAIN
  if (type === 'run.cancelled' || type === 'run.cancel_requested' || type === 'run.skipped')
    return OFF
  if (type === 'run.parked') return PARKED
  if (ASLEEP_AT.has(type)) return ASLEEP
  if (type === 'event.received' || type === 'child.finished' || type === 'timer.fired') return CAME
  return ASKED
}

const ASLEEP_AT: ReadonlySet<Entry['type']> = new Set([
  ...(['timer.set', 'wait.set', 'start.set', 'queue.set', 'gather.set'] as const),
])

const PLAY: Mark = ['▶', '>', 'cyan']
const GOOD: Mark = ['✓', 'v', 'green']
const BAD: Mark = ['✗', 'X', 'red']
const AGAIN: Mark = ['↻', '~', 'yellow']
const OFF: Mark = ['⊘', '/', 'yellow']
const PARKED: Mark = ['!', '!', 'magenta']
const ASLEEP: Mark = ['◌', 'o', 'blue']
const CAME: Mark = ['◂', '<', 'cyan']
const ASKED: Mark = ['·', '.', 'dim']

/** What it is about, and what there is to say of it. */
function factsOf(
  { workflow, entry, at, elapsed, subject }: Told,
  secrets: Pick<Secrets, 'mask'>,
): readonly string[] {
  const value = (bytes: Uint8Array, of?: readonly string[]) => dataText(bytes, of, secrets)
  const id = subject?.id ?? ('of' in entry ? `entry ${entry.of}` : '')
  const took = subject === undefined ? '' : tookText(at - subject.at)
  const due = (until: number | undefined): string =>
    until === undefined ? '' : `until ${isoText(at + until - elapsed)}`
  if (isAdmission(entry)) {
    return [ADMISSION[entry.type], ...admissionFacts(entry, elapsed, workflow, value)]
  }
  switch (entry.type) {
    case 'run.scheduled':
      return [workflow, causeOf(entry), value(entry.data, namesOf(entry.event, workflow))]
    case 'step.succeeded':
      return [id, took, value(entry.value)]
    case 'step.failed':
      return [id, `attempt ${entry.attempt}`, againText(entry, elapsed), value(entry.error)]
    case 'code.failed':
      return ['code', `attempt ${entry.attempt}`, againText(entry, elapsed), value(entry.error)]
    case 'step.late':
      return [id, 'late', value(entry.value)]
    case 'step.scheduled':
      return [id]
    case 'timer.set':
      return [id, entry.clock === 'wall' ? `until ${isoText(entry.due)}` : due(entry.due)]
    case 'wait.set':
      return [id, entry.on.map(heardText).join(', '), due(entry.due)]
    case 'timer.fired':
      return [id, took]
    case 'event.received':
      return [id, `${entry.event.name} ${entry.event.id}`, value(entry.data, [entry.event.name])]
    case 'child.started':
      return [id, `${entry.workflow} ${entry.child}`]
    case 'child.finished':
      return [id, took, value(entry.value)]
    case 'event.sent':
      return [id, entry.events.map(({ name }) => name).join(', ')]
    case 'run.completed':
      return ['completed', value(entry.output)]
    case 'run.failed':
      return ['failed', value(entry.error)]
    case 'run.parked':
      return ['parked', entry.code]
    case 'run.continued':
      return ['continued', `as ${entry.successor}`]
    case 'run.cancelled':
    case 'run.cancel_requested':
      return [entry.type.slice('run.'.length).replace('_', ' '), entry.reason]
    case 'start.set':
      return ['begins', isoText(entry.due)]
    case 'cancel.set':
      return ['is cancelled by', entry.on.map(heardText).join(', ')]
    case 'code.woke':
      return ['code goes on']
    case 'run.started':
    case 'run.paused':
    case 'run.resumed':
    case 'run.unparked':
      return [entry.type.slice('run.'.length)]
    default:
      return entry satisfies never
  }
}

const causeOf = ({ event, parent, continues }: RunScheduled): string =>
  event === undefined ? (parent?.run ?? continues ?? 'start') : `${event.name} ${event.id}`

/** What becomes of a run before it begins, in a word or two. */
const ADMISSION: { readonly [Type in AdmissionEntry['type']]: string } = {
  'run.joined': 'is joined by',
  'gather.set': 'gathers',
  'slot.set': 'holds',
  'queue.set': 'waits in line',
  'deadline.set': 'deadline',
  'deadline.moved': 'deadline moved',
  'run.skipped': 'skipped',
}

const againText = ({ retryAt }: { readonly retryAt?: number }, elapsed: number): string =>
  retryAt === undefined ? 'the last' : `again in ${tookText(retryAt - elapsed)}`
