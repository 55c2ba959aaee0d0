import { createHash } from 'node:crypto'
import { openSync, readFileSync, writeSync } from 'node:fs'

/**
 * What the killed process did, line by line, in the order it did it. A line is written by one
 * append to a file, so it is there when the next statement runs, whatever kills the process then.
 *
 *   trail := line*
 *   line  := mark (" " word)* "\n"
 *
 *   L life                        a process begins its life on the journal
 *   a run data                    it is about to start a run          (data, ...: `hashOf`)
 *   A run data                    `start` has resolved
 *   c run / C run                 it is about to cancel a run / `cancel` has resolved
 *   p run / P run                 it is about to send what a run waits for / `send` has resolved
 *   v event / V event             it is about to send an event for a workflow with limits / `send` has resolved
 *   B run step attempt key input  a step body begins
 *   E run step attempt key        its effect is done
 *   S run seq entry               a live reader was shown an entry
 *   R run outcome                 `result` has answered
 *   K instant                     it kills itself now
 *   N text                        worth knowing
 */
export type Mark = (typeof MARKS)[number]

const MARKS = ['L', 'a', 'A', 'c', 'C', 'p', 'P', 'v', 'V', 'B', 'E', 'S', 'R', 'K', 'N'] as const

export interface Line {
  readonly mark: Mark
  readonly words: readonly string[]
}

export type Note = (mark: Mark, ...words: readonly (string | number)[]) => void

export function openTrail(path: string): Note {
  const file = openSync(path, 'a', 0o600)
  return (mark, ...words) => void writeSync(file, `${[mark, ...words].join(' ')}\n`)
}

/** The lines of each life, in order. */
export function readTrail(path: string): readonly (readonly Line[])[] {
  const lives: Line[][] = []
  for (const text of readFileSync(path, 'utf8').split('\n')) {
    if (text === '') continue
    const [mark, ...words] = text.split(' ')
    if (mark === 'L') lives.push([])
    lives.at(-1)?.push({ mark: mark as Mark, words })
  }
  return lives
}

/** The same for equal values, in every process. */
export const hashOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(value, plain) ?? 'undefined')
    .digest('hex')
    .slice(0, 12)

// Errors render themselves as JSON, with the call that they come out of, which differs.
function plain(this: unknown, key: string, value: unknown): unknown {
  const given: unknown = Object(this)[key]
  return given instanceof Error ? `${given.name}: ${given.message}` : value
}

/** How a run ended, seen from outside. */
export type Outcome = { readonly output: unknown } | { readonly error: unknown }

export const outcomeHash = (outcome: Outcome): string => hashOf(outcome)
