import { spanText } from '../../journal/span.ts'
import type { WriteFault } from './disk.ts'

/** One thing that happened in a schedule. */
export interface StoryLine {
  readonly kind: 'move' | 'time' | 'fault'
  readonly text: string
}

/** What happened in a schedule, line by line. */
export class Story {
  #lines: Line[] = []

  get length(): number {
    return this.#lines.length
  }

  /** Of several runs it is said which one a line is about. */
  linesOf(runs: number): readonly StoryLine[] {
    return this.#lines.map(({ kind, text, run }) => ({
      kind,
      text: run === undefined || runs < 2 ? text : `${run}: ${text}`,
    }))
  }

  add(kind: StoryLine['kind'], text: string, run?: string): { text: string } {
    const line = { kind, text, run }
    this.#lines.push(line)
    return line
  }

  /** What comes after so many lines goes on without an end. */
  cut(length: number): void {
    this.#lines = this.#lines.slice(0, length)
    this.add('time', 'and so on, without an end')
  }

  pass(ms: number): void {
    // Every move takes a millisecond: nobody wants to read of them.
    const span = ms < LONG ? ms : Math.round(ms / 1_000) * 1_000
    this.add('time', ms === 0 ? 'a timer is due' : `${spanText(span)} pass`)
  }

  jump(ms: number): void {
    const text = `CLOCK set ${ms < 0 ? 'back' : 'forward'} by ${spanText(Math.abs(ms))}`
    this.add('fault', text)
  }

  fault(fault: WriteFault): void {
    this.add('fault', FAULTS[fault])
  }
}

interface Line {
  readonly kind: StoryLine['kind']
  text: string
  readonly run: string | undefined
}

const LONG = 10_000

const FAULTS: { readonly [Fault in WriteFault]: string } = {
  'crash-before': 'CRASH before that was recorded',
  'crash-after': 'CRASH right after that was recorded',
  fails: 'WRITE fails: that was not recorded; restart',
  'fails-but-written': 'WRITE fails, but that was recorded; restart',
}
