import { Readable, Writable } from 'node:stream'
import { type Io, Outlet } from '../../src/cli/io.ts'

/** A world with a terminal on stderr, and a clock that is moved by hand. */
export function terminal({ isTTY = true, env = {}, columns = 80 }) {
  let now = 1_000
  let said = ''
  const stream = (): Outlet => {
    const writable = new Writable({
      decodeStrings: false,
      write(piece, _, done) {
        said += piece
        done()
      },
    })
    return new Outlet(Object.assign(writable, { isTTY, columns }))
  }
  const io: Io = {
    ...{ out: stream(), err: stream(), input: Readable.from([]), env },
    ...{ cwd: '/', scratch: '/', now: () => now },
  }
  return {
    io,
    text: () => said,
    advance(ms: number) {
      now += ms
    },
  }
}
