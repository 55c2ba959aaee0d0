import { decodeValue } from '../../../journal/codec/decode.ts'
import type { Entry, RunScheduled } from '../../../journal/entry.ts'
import type { Head } from '../../../journal/head.ts'
import type { StoredRecord } from '../../../journal/reader.ts'
import { timelineOf } from '../../testing/timeline.ts'
import { type Gathering, gatheredSource, gatheringIn, withoutLimits } from './before.ts'
import { array, behind, call, laidOut, object, type Source } from './layout.ts'
import { Literals, text } from './literal.ts'
import { Redaction } from './redaction.ts'
import { Script } from './script.ts'

export interface TestFileOptions {
  /** What must not be shown, as `Redaction` takes it. */
  readonly redact?: string
}

/** A file for vitest that plays a run again as it is recorded, up to where the record ends. */
export function testFile(
  head: Head,
  records: readonly StoredRecord[],
  { redact }: TestFileOptions = {},
): string {
  const [first] = records
  const scheduled = first?.entries[0]
  if (first === undefined || scheduled?.type !== 'run.scheduled') {
    throw new Error(`run ${head.run} does not begin`)
  }
  const literals = new Literals()
  const redaction = new Redaction(redact)
  const workflow = identifier(head.workflow)
  const begun = records.find(({ entries }) => entries.some(begins)) ?? first
  const script = new Script(begun, literals, redaction)
  script.name(records)
  const gathering = gatheringIn(records)
  const writing = { literals, redaction, begun, gathering }
  const beginning = beginningOf(head, records, scheduled, writing)
  for (const record of records.slice(1)) script.tell(record)
  const statements = [
    behind('await using play = await ', call('playback', workflow, beginning)),
    ...script.statements,
    '',
    ...assertions(head, records, literals, redaction),
  ]
  const body = statements.map(each => (each === '' ? '\n' : laidOut(each, 2))).join('')
  const name = text(`run ${head.run} of ${head.workflow}, as it was recorded`)
  return `${opening(head, workflow, literals, redact)}\ntest(${name}, async () => {\n${body}})\n`
}

const begins = ({ type }: Entry): boolean => type === 'run.started'

function opening(
  { run, workflow: id, status }: Head,
  workflow: string,
  { imports }: Literals,
  redact: string | undefined,
): string {
  const from = new Map<string, string[]>()
  for (const [name, source] of imports) from.set(source, [...(from.get(source) ?? []), name])
  const redacted = redact === undefined ? '' : ` --redact ${redact}`
  return [
    `// Written by \`perdure dump --run ${run} --as vitest${redacted}\`, of a run that is ${status}.`,
    '// The code of the workflow is real; whatever came to it from outside comes as it was recorded.',
    ...[...from].map(([source, names]) => `import { ${names.sort().join(', ')} } from '${source}'`),
    "import { playback } from 'perdure/testing/vitest'",
    "import { expect, test } from 'vitest'",
    `// Adapt this line: it has to import the workflow ${text(id)}.`,
    `import { ${workflow} } from './workflows.js'`,
    '',
  ].join('\n')
}

interface Writing {
  readonly literals: Literals
  readonly redaction: Redaction
  readonly begun: StoredRecord
  readonly gathering: Gathering | undefined
}

function beginningOf(
  { run }: Head,
  records: readonly StoredRecord[],
  { seed, data, event, schedule }: RunScheduled,
  { literals, redaction, begun, gathering }: Writing,
): Source {
  const write = (value: unknown): Source => literals.write(value)
  const at = records[0]?.at ?? 0
  const others = othersOf(records)
  const facts: readonly (readonly [string, Source | undefined])[] = [
    ['id', text(run)],
    ['seed', text(seed)],
    ['at', moment(at)],
    ['begun', begun.at > at ? moment(begun.at) : undefined],
    ['event', event && write(event)],
    ['schedule', schedule === undefined ? undefined : text(schedule)],
    ['others', others.length === 0 ? undefined : array(others.map(text))],
    ['data', write(redaction.of(decodeValue(data)))],
    ['gathered', gathering && gatheredSource(gathering, literals, redaction)],
  ]
  return object(
    facts.flatMap(([key, value]) => (value === undefined ? [] : [behind(`${key}: `, value)])),
  )
}

const moment = (ms: number): string => text(new Date(ms).toISOString())

/** The workflows of its children, and of runs whose end it waited for. */
function othersOf(records: readonly StoredRecord[]): string[] {
  const others = new Set<string>()
  for (const entry of records.flatMap(({ entries }) => entries)) {
    if (entry.type === 'child.started') others.add(entry.workflow)
    if (entry.type !== 'event.received' || !entry.event.name.startsWith('perdure/run.')) continue
    const { workflow } = decodeValue(entry.data) as { readonly workflow: string }
    others.add(workflow)
  }
  return [...others]
}

function assertions(
  head: Head,
  records: readonly StoredRecord[],
  literals: Literals,
  redaction: Redaction,
): Source[] {
  const entries = records.flatMap(({ entries }) => entries)
  return [
    ...endAssertions(head, entries, literals, redaction),
    timelineAssertion(head, entries, redaction),
  ]
}

function endAssertions(
  { status, continuedAs }: Head,
  entries: readonly Entry[],
  literals: Literals,
  redaction: Redaction,
): Source[] {
  const expected = (bytes: Uint8Array): Source =>
    literals.write(redaction.expected(decodeValue(bytes)))
  const isStatus = (name: string): Source => `expect(play.run.status).toBe('${name}')`
  if (continuedAs !== undefined) return ['expect(play.run.continuedAs).toBeDefined()']
  const last = entries.findLast(({ type }) => type === `run.${status}`)
  switch (last?.type) {
    case 'run.completed':
      return [behind('expect(play.run)', call('.toHaveCompleted', expected(last.output)))]
    case 'run.failed': {
      const error = redaction.expected(decodeValue(last.error))
      const failure = error instanceof Error ? errorSource(error, literals) : literals.write(error)
      return [behind('expect(play.run)', call('.toHaveFailed', failure))]
    }
    case 'run.cancelled': {
      const reason = text(String(redaction.of(last.reason)))
      return [isStatus('cancelled'), `expect(play.run.reason).toBe(${reason})`]
    }
    case 'run.parked':
      return ["expect(play.run.status).not.toBe('parked')"]
    default:
      return [isStatus(status)]
  }
}

/** What is compared of an error: not its stack, nor where it comes from. */
const errorSource = ({ name, message }: Error, literals: Literals): Source =>
  call(
    'expect.objectContaining',
    object([`name: ${text(name)}`, behind('message: ', literals.write(message))]),
  )

function timelineAssertion(
  { status }: Head,
  entries: readonly Entry[],
  redaction: Redaction,
): Source {
  const told = entries.map((entry): Entry => {
    const isCancel = entry.type === 'run.cancel_requested' || entry.type === 'run.cancelled'
    return isCancel ? { ...entry, reason: String(redaction.of(entry.reason)) } : entry
  })
  const lines = timelineOf(told).flatMap((line, at): Source[] => {
    const entry = entries[at]
    const ofLimits = entry && withoutLimits(entry, entries)
    if (ofLimits !== undefined) return ofLimits.map(text)
    const type = entry?.type
    // Whether a run is parked is up to the code as it is now. Ids of other runs are new ones.
    if (type === 'run.parked' || type === 'run.unparked') return []
    return type === 'run.continued' ? ['/^run\\.continued /'] : [text(line)]
  })
  // Code that fits goes on from where the run was parked.
  if (status === 'parked') {
    const start = `expect(play.run.timeline.slice(0, ${lines.length}))`
    return behind(start, call('.toEqual', array(lines)))
  }
  const exact = object(['exact: true'])
  return behind('expect(play.run)', call('.toMatchTimeline', array(lines), exact))
}

const RESERVED = new Set(
  'await break case catch class const continue debugger default delete do else enum export extends '
    .concat(
      'false finally for function if import in instanceof new null return static super switch this ',
      'throw true try typeof var void while with yield let package private protected public ',
      'implements interface eval arguments expect test play playback undefined',
    )
    .split(' '),
)

/** What a workflow of this id is likely to be called in code. */
function identifier(id: string): string {
  const [first = '', ...rest] = id.split(/[^A-Za-z0-9]+/).filter(Boolean)
  const start = first === first.toUpperCase() ? first.toLowerCase() : first
  const more = rest.map(word => word.charAt(0).toUpperCase() + word.slice(1))
  const name = [start.charAt(0).toLowerCase() + start.slice(1), ...more].join('')
  return /^[a-z]/.test(name) && !RESERVED.has(name)
    ? name
    : `${name}Workflow`.replace(/^(?=\d|W)/, '_')
}
