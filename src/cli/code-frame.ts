import { readFileSync, statSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Looks, paint } from './looks.ts'
import { inAscii } from './said.ts'

/** The place in the user's source that an error came out of, and the lines around it. */
export interface CodeFrame {
  /** As it is shown: from where the command was called. */
  readonly file: string
  readonly line: number
  readonly column: number
  readonly lines: readonly { readonly number: number; readonly text: string }[]
}

interface Place {
  readonly path: string
  readonly line: number
  readonly column: number
}

const BEFORE = 2
const AFTER = 1
/** Longer files are no source that somebody reads. */
const MOST_BYTES = 4 * 2 ** 20
const MOST_PLACES = 50
/** Columns kept in front of the one that is meant, in long lines. */
const LEAD = 30

// src, or dist once it is built.
const OURS = new URL('..', import.meta.url).pathname

/**
 * The innermost place of the stacks that is in the user's code, if that file can be read here and has
 * such a line. What does not fit is passed over: a stack may be of another machine.
 */
export function codeFrame(stacks: readonly string[], cwd: string): CodeFrame | undefined {
  for (const place of stacks.flatMap(placesIn)) {
    const lines = linesOf(place)
    if (lines === undefined) continue
    const { path, line, column } = place
    const from = Math.max(1, line - BEFORE)
    const around = lines.slice(from - 1, line + AFTER)
    return {
      ...{ file: shownPath(path, cwd), line, column },
      lines: around.map((text, at) => ({ number: from + at, text })),
    }
  }
  return undefined
}

/** The innermost place in the user's code, whether it can be read or not. */
export function placeText(stacks: readonly string[], cwd: string): string {
  const [place] = stacks.flatMap(placesIn)
  return place === undefined ? '' : `${shownPath(place.path, cwd)}:${place.line}:${place.column}`
}

/** Lines with numbers, a mark at the one that is meant, and a caret below it. */
export function frameLines({ lines, line, column }: CodeFrame, looks: Looks): string[] {
  const digits = Math.max(...lines.map(({ number }) => String(number).length))
  const room = Math.max(20, looks.columns - digits - 8)
  const skipped = column > room ? column - LEAD : 0
  return lines.flatMap(({ number, text }) => {
    const isIt = number === line
    const shown = visible(text, looks).slice(skipped, skipped + room)
    const front = `  ${isIt ? '>' : ' '} ${String(number).padStart(digits)} | `
    const told = isIt ? front + shown : paint(looks, 'dim', (front + shown).trimEnd())
    if (!isIt) return [told]
    const caret = `${' '.repeat(digits + 4)} | ${' '.repeat(Math.max(0, column - 1 - skipped))}^`
    return [told, paint(looks, 'red', caret)]
  })
}

function placesIn(stack: string): Place[] {
  const places: Place[] = []
  for (const line of stack.split('\n')) {
    const found =
      /(?:\(|at (?:async )?)((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^()]*):(\d+):(\d+)\)?$/.exec(line)
    const path = found?.[1] === undefined ? undefined : pathOf(found[1])
    if (path === undefined || path.startsWith(OURS) || /[\\/]node_modules[\\/]/.test(path)) continue
    places.push({ path, line: Number(found?.[2]), column: Number(found?.[3]) })
    if (places.length >= MOST_PLACES) break
  }
  return places
}

function pathOf(text: string): string | undefined {
  if (!text.startsWith('file://')) return text
  try {
    return fileURLToPath(text)
  } catch {
    return undefined
  }
}

/** Undefined: there is no such line that can be read. */
function linesOf({ path, line }: Place): readonly string[] | undefined {
  try {
    // Whatever a journal names: nothing that never ends, or that waits, is read.
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat?.isFile() !== true || stat.size > MOST_BYTES) return undefined
    const lines = readFileSync(path, 'utf8').split(/\r?\n/)
    return line >= 1 && line <= lines.length ? lines : undefined
  } catch {
    return undefined
  }
}

function shownPath(path: string, cwd: string): string {
  const near = relative(cwd, path)
  return near.startsWith('..') || near === '' ? path : near
}

/** One column a character; nothing that would steer the terminal. */
const visible = (text: string, { ascii }: Pick<Looks, 'ascii'>): string => {
  const safe = text.replace(/\t/g, ' ').replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '?')
  return ascii ? inAscii(safe) : safe
}
