import type { Verified } from '../../journal/verify.ts'
import { verifyDirectory } from '../../journal/verify-directory.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import type { Io } from './io.ts'
import { journalPlace } from './journal-dir.ts'
import { plain } from './plain.ts'
import { withScratch } from './scratch.ts'

/** `perdure verify` */
export function verify({ io, globals }: Context, dir: string | undefined): Promise<Exit> {
  const place = journalPlace(dir === undefined ? globals : { ...globals, dir }, io)
  return withScratch(io.scratch, async scratch => {
    const findings = verifyDirectory(place, { scratch })
    let found = 0
    for (;;) {
      const { done, value } = await findings.next()
      if (done) return conclude(found, value, io)
      found++
      await io.out.write(`${plain(`${value.place}: ${value.what}`)}\n`)
    }
  })
}

async function conclude(found: number, verified: Verified | undefined, io: Io): Promise<Exit> {
  if (found === 0 && verified !== undefined) {
    await io.out.write(`sound: ${extent(verified)}\n`)
    return exit.ok
  }
  const read = verified === undefined ? 'nothing behind it was read' : `in ${extent(verified)}`
  const counted = found === 1 ? '1 finding' : `${found} findings`
  await io.err.write(
    `perdure: damaged: ${counted}; ${read}\n` +
      '  Keep the directory as it is, copy it before anything else, and restore a backup.\n',
  )
  return exit.damaged
}

const extent = ({ runs, entries, commits, bytes }: Verified): string =>
  `${runs} runs, ${entries} entries, ${commits} commits, ${bytes} bytes`
