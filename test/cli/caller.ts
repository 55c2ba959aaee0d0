import { Readable, Writable } from 'node:stream'
import { type Io, Outlet } from '../../src/cli/io.ts'
import { run } from '../../src/cli/program.ts'
import type { Call } from './screens.ts'

export interface Shown {
  readonly call: Call
  /** What stands on the terminal. */
  readonly text: string
  readonly status: number
}

/** What there is where a command is called. */
export interface Surroundings {
  readonly columns: number
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly now: number
}

/** Makes calls in this process, one after the other. */
export async function shown(
  calls: readonly Call[],
  around: Surroundings,
): Promise<readonly Shown[]> {
  const { cwd, now, env, columns } = around
  const all: Shown[] = []
  for (const call of calls) {
    let text = ''
    const stream = new Writable({
      decodeStrings: false,
      write(piece, _, done) {
        text += piece
        done()
      },
    })
    const outlet = new Outlet(Object.assign(stream, { isTTY: true, rows: ROWS, columns }))
    const io: Io = {
      ...{ out: outlet, err: outlet, input: Readable.from([]), env, cwd, scratch: cwd },
      now: () => now,
    }
    const status = await run(call.args, io)
    all.push({ call, status, text: steady(text, cwd) })
  }
  return all
}

/** Of the terminal: what is drawn again is not cut. */
export const ROWS = 200

/** The same on every machine, at every time, and whosever turn it is. */
export const steady = (text: string, cwd: string): string =>
  text
    .replaceAll(cwd, '<here>')
    .replace(/(data|killed|loaded|saved|whole)-\d\b/g, '$1-n')
    .replace(/\bprocess\s+\d+\s+on\s+\S+\s+since\s+\S+\s+\S+\s+\S+/g, 'process <who>')
    .replace(/\b[\d.]+ kB in \d+ files/g, 'NN kB in N files')
    .replace(/(entries · )[\d.]+ k?B/g, '$1N.N kB')
    .replace(/\b\d+ bytes/g, 'NNNN bytes')
    .replace(/\bbyte \d+/g, 'byte NNNN')
