import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { bytesOf, type Dice, oneOf } from './dice.ts'
import { mutated, oddJson, offBy } from './odd.ts'

/** A file that is a dump more or less: damaged, or whole again around what nobody would write. */
export function fileOf(dumps: readonly string[], dice: Dice): Buffer {
  if (dice(30) === 0) return bytesOf(dice, 2_000)
  let lines = oneOf(dumps, dice).trimEnd().split('\n')
  for (let times = dice(2) * dice(4); times >= 0; times--) lines = changed(lines, dumps, dice)
  // Else nothing but the numbers and the sum of a changed dump would ever be looked at.
  if (dice(3) > 0) lines = renumbered(lines)
  if (dice(10) > 0) lines = resealed(lines)
  let text = `${lines.join(dice(20) === 0 ? '\r\n' : '\n')}\n`
  if (dice(20) === 0) text = mutated(text, dice)
  const bytes = dice(20) === 0 ? gzipSync(text, { level: 1 }) : Buffer.from(text)
  if (dice(20) === 0) bytes[dice(bytes.length)] = dice(256)
  return dice(30) === 0 ? bytes.subarray(0, dice(bytes.length)) : bytes
}

function changed(lines: readonly string[], dumps: readonly string[], dice: Dice): string[] {
  // The first is the header: of a bad one there is no more to see.
  const at = lines.length > 1 && dice(8) > 0 ? 1 + dice(lines.length - 1) : 0
  const line = lines[at] ?? ''
  switch (dice(16)) {
    case 0:
      return lines.length > 1 ? lines.toSpliced(at, 1) : [...lines]
    case 1:
      return lines.toSpliced(at, 0, line)
    case 2:
      return lines.with(at, lines[dice(lines.length)] ?? '')
    case 3:
      return lines.toSpliced(at, 0, oneOf(oneOf(dumps, dice).trimEnd().split('\n'), dice))
    case 4:
      return lines.with(at, mutated(line, dice))
    case 5:
      return lines.with(at, JSON.stringify(oddJson(dice)))
    default:
      return lines.with(at, changedLine(line, dice))
  }
}

function changedLine(line: string, dice: Dice): string {
  const item = parsed(line)
  if (item === undefined) return mutated(line, dice)
  const { kind, run, seq, record, at, elapsed, type, ...facts } = item
  if (kind !== 'entry' || dice(5) === 0) return JSON.stringify(offBy(item, dice)) ?? ''
  // What is said of the entry, rather than where it stands.
  const other = offBy(facts, dice)
  return JSON.stringify({ ...{ kind, run, seq, record, at, elapsed, type }, ...Object(other) })
}

interface Item {
  readonly [name: string]: unknown
}

function parsed(line: string): Item | undefined {
  try {
    const item: unknown = JSON.parse(line)
    return typeof item === 'object' && item !== null ? { ...item } : undefined
  } catch {
    return undefined
  }
}

/** With entries that count on, whatever became of those between. */
function renumbered(lines: readonly string[]): string[] {
  const counts = new Map<unknown, { seq: number; was: unknown; record: Item }>()
  return lines.map(line => {
    if (!line.startsWith('{"kind":"entry"')) return line
    const item = parsed(line)
    if (item === undefined || !('record' in item)) return line
    const { run, record: was } = item
    const before = counts.get(run)
    const seq = (before?.seq ?? -1) + 1
    const isFirst = before === undefined || before.was !== was
    const { at, elapsed } = item
    const record = isFirst ? { record: seq, at, elapsed } : before.record
    counts.set(run, { seq, was, record })
    return JSON.stringify({ ...item, seq, ...record })
  })
}

const COUNTED = {
  entry: 'entries',
  schedule: 'schedules',
  limit: 'limits',
  event: 'events',
  eventId: 'eventIds',
  input: 'inputs',
} as const

/** With a trailer that says what the lines before it are. */
function resealed(lines: readonly string[]): string[] {
  const body = lines.filter(line => !line.startsWith('{"kind":"trailer"'))
  const runs = new Set<unknown>()
  const counts = new Map<string, number>(Object.values(COUNTED).map(name => [name, 0]))
  for (const line of body) {
    const kind = /^\{"kind":"(\w+)"/.exec(line)?.[1] ?? ''
    if (kind === 'entry') runs.add(/"run":"([^"]*)"/.exec(line)?.[1])
    const name = kind in COUNTED ? COUNTED[kind as keyof typeof COUNTED] : ''
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  counts.delete('')
  const sha256 = createHash('sha256')
    .update(body.map(line => `${line}\n`).join(''))
    .digest('hex')
  const trailer = { kind: 'trailer', runs: runs.size, ...Object.fromEntries(counts), sha256 }
  return [...body, JSON.stringify(trailer)]
}
