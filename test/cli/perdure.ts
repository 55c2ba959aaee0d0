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
  readonly columns?: number
  readonly colors?: boolean
  readonly out?: Writable
  readonly input?: Readable
}

/** Runs the command in this process. */
export async function perdure(
  args: readonly string[],
  {
    scratch,
    columns = 100,
    colors = false,
    out = sink(),
    input = Readable.from([]),
  }: Circumstances,
): Promise<Said> {
  const err = sink()
  const io: Io = {
    ...{ out: new Outlet(out), err: new Outlet(err), input },
    ...{ env: colors ? { FORCE_COLOR: '1' } : {}, cwd: scratch, scratch, now: () => Date.now() },
  }
  const status = await run([`--width=${columns}`, ...args], io)
  return { status, out: textOf(out), err: textOf(err) }
}

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
