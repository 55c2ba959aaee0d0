import { crc32 } from 'node:zlib'
import { EngineError } from '../define/error.ts'
import { KINDS, type Kind } from './stream.ts'
import { ESCAPES, LONGEST_RUN, TapeReader, unreadable } from './tape-reader.ts'

/**
 * The decisions of a schedule by stream, integers from 0 on. What lies beyond the end of a stream
 * is 0, so that every tape is valid and the empty one is the happy path.
 */
export type Tape = ReadonlyMap<string, readonly number[]>

/*
 * A tape as text, in letters that are safe in URLs and shells:
 *
 *   text    = "p1." *( stream "." ) check
 *   check   = 6 base64url digits of the CRC-32 (big endian) of all that comes before
 *   stream  = 1*value kind name              sorted by detail, then by name; without trailing zeros
 *   value   = digit                          0 to 35
 *           / "~" number                     36 and more
 *           / "-" digit                      that many zeros, 3 to 35
 *           / "_" number                     that many zeros, 36 and more
 *   digit   = "0"-"9" / "a"-"z"              base 36
 *   number  = digit 1*digit                  how many digits follow, then they
 *   kind    = an upper case letter of LETTERS; the name is what follows `kind/`, or empty
 *           / "Z"                            the name is that of the whole stream
 *   name    = [ "~" digit ] *char            begins with that many of the name before, 3 to 35
 *   char    = ALPHA / DIGIT / "-"
 *           / "_"                            a slash
 *           / "~_" / "~C" / "~D"             underscore, colon, dot
 *           / "~U" 4 hex digits              any other UTF-16 code unit
 */
const VERSION = 'p1'
const LETTERS: Readonly<Record<Kind, string>> = {
  crash: 'C',
  write: 'W',
  cancel: 'X',
  clock: 'T',
  upgrade: 'U',
  knob: 'K',
  outcome: 'O',
  event: 'E',
  data: 'D',
  delay: 'L',
  schedule: 'S',
}
const OTHER = 'Z'
const CHECK_DIGITS = 6
const FEWEST_ZEROS = 3
const SHORTEST_SHARED = 3
/** One digit says less than this. */
const DIGIT_END = 36
/** Without trailing zeros, and without streams that hold nothing else. */
export function normalTape(tape: Tape): Tape {
  const normal = new Map<string, readonly number[]>()
  for (const [stream, values] of tape) {
    let length = values.length
    while (length > 0 && values[length - 1] === 0) length--
    if (length > 0) normal.set(stream, values.slice(0, length))
  }
  return normal
}

/** A short text without spaces that `parseTape` reads; equal tapes have equal texts. */
export function printTape(tape: Tape): string {
  const streams = [...normalTape(tape)].map(([stream, values]) => ({ ...named(stream), values }))
  streams.sort((a, b) => byText(a.name, b.name) || byText(a.letter, b.letter))
  let text = `${VERSION}.`
  let before = ''
  for (const { letter, name, values } of streams) {
    text += `${printValues(values)}${letter}${printName(name, before)}.`
    before = name
  }
  return text + checkOf(text)
}

/** Throws DEFINITION_INVALID if the text is no tape, or not exactly one that was printed. */
export function parseTape(text: string): Tape {
  const given = text.trim()
  const version = /^(p\d+)\./.exec(given)?.[1]
  if (version === undefined) throw unreadable(given, 'it does not begin with "p1."')
  if (version !== VERSION) throw unreadable(given, `its format is ${version}, this is ${VERSION}`)
  const body = given.slice(0, -CHECK_DIGITS)
  if (!body.endsWith('.') || checkOf(body) !== given.slice(-CHECK_DIGITS))
    throw unreadable(given, 'its last 6 characters do not fit the rest: something was mistyped')
  const tape = new Map<string, readonly number[]>()
  let before = ''
  for (const part of body.slice(VERSION.length + 1, -1).split('.')) {
    if (part === '') continue
    const reader = new TapeReader(part, given)
    const values = reader.values()
    const letter = reader.take(1)
    before = reader.name(before)
    tape.set(streamOf(letter, before), values)
  }
  if (printTape(tape) !== given) throw unreadable(given, 'it is not as it would be printed')
  return tape
}

function named(stream: string): { letter: string; name: string } {
  for (const kind of KINDS) {
    if (stream === kind) return { letter: LETTERS[kind], name: '' }
    if (stream.startsWith(`${kind}/`) && stream.length > kind.length + 1)
      return { letter: LETTERS[kind], name: stream.slice(kind.length + 1) }
  }
  return { letter: OTHER, name: stream }
}

function streamOf(letter: string, name: string): string {
  const kind = KINDS.find(kind => LETTERS[kind] === letter)
  if (kind === undefined) return name
  return name === '' ? kind : `${kind}/${name}`
}

function printValues(values: readonly number[]): string {
  let text = ''
  for (let at = 0; at < values.length; ) {
    const value = values[at] ?? 0
    if (!Number.isSafeInteger(value) || value < 0) throw noDecision(value)
    let run = 0
    while (values[at + run] === 0 && run < LONGEST_RUN) run++
    if (run >= FEWEST_ZEROS) text += run < DIGIT_END ? `-${run.toString(36)}` : `_${long(run)}`
    else text += value < DIGIT_END ? value.toString(36) : `~${long(value)}`
    at += run >= FEWEST_ZEROS ? run : 1
  }
  return text
}

function printName(name: string, before: string): string {
  let shared = 0
  while (shared < DIGIT_END - 1 && shared < name.length && name[shared] === before[shared]) shared++
  if (shared < SHORTEST_SHARED) shared = 0
  let text = shared > 0 ? `~${shared.toString(36)}` : ''
  for (let at = shared; at < name.length; at++) {
    const char = name.charAt(at)
    if (/[A-Za-z0-9-]/.test(char)) text += char
    else text += ESCAPES[char] ?? `~U${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  }
  return text
}

function long(value: number): string {
  const digits = value.toString(36)
  return digits.length.toString(36) + digits
}

const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)

function checkOf(text: string): string {
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(text))
  return sum.toString('base64url')
}

const noDecision = (value: number): EngineError =>
  new EngineError('DEFINITION_INVALID', `${value} is no decision that a tape can hold.`, {
    hint: 'Decisions are safe integers from 0 on.',
    facts: { value },
  })
