import { Readable, Writable } from 'node:stream'
import type { Exit } from '../../src/cli/exit.ts'
import { type Io, Outlet } from '../../src/cli/io.ts'
import { run } from '../../src/cli/program.ts'

export interface Said {
  readonly status: Exit
  readonly out: string
  readonly err: string
}

export interface Circumstances {
  readonly scratch: string
  /** Default: `scratch`. */
  readonly cwd?: string
  readonly columns?: number
  readonly colors?: boolean
  readonly out?: Writable
  readonly input?: Io['input']
  readonly interrupt?: AbortSignal
}

/** Runs the command in this process. */
export async function perdure(
  args: readonly string[],
  {
    scratch,
    cwd = scratch,
    columns = 100,
    colors = false,
    out = sink(),
    input = Readable.from([]),
    interrupt,
  }: Circumstances,
): Promise<Said> {
  // Somebody sits there if he can be asked.
  const err = Object.assign(sink(), { isTTY: input.isTTY === true })
  const io: Io = {
    ...{ out: new Outlet(out), err: new Outlet(err), input },
    ...(interrupt !== undefined && { interrupt }),
    ...{ env: colors ? { FORCE_COLOR: '1' } : {}, cwd, scratch, now: () => Date.now() },
  }
  const status = await run([`--width=${columns}`, ...args], io)
  return { status, out: textOf(out), err: textOf(err) }
}

/** Nobody hears what is said. */
export const silentIo = (scratch: string): Io => ioOf(scratch, sink(), sink())

const ioOf = (scratch: string, out: Writable, err: Writable): Io => ({
  ...{ out: new Outlet(out), err: new Outlet(err), input: Readable.from([]) },
  ...{ env: {}, cwd: scratch, scratch, now: () => Date.now() },
})

const said = new WeakMap<Writable, string[]>()

function sink(): Writable {
  const pieces: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write(piece, _, done) {
      pieces.push(String(piece))
      done()
    },
  })
  said.set(stream, pieces)
  return stream
}

const textOf = (stream: Writable): string => said.get(stream)?.join('') ?? ''
