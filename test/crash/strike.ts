import { AbstractChainedBatch } from 'abstract-level'
import type { Death, Instant } from './plan.ts'
import type { Note } from './trail.ts'

/** Called wherever the process may have to die. */
export type Strike = (instant: Instant) => void

/** Kills this process at the planned instant: SIGKILL, from within, before the next statement. */
export function strikeOf(death: Death, note: Note): Strike {
  let left = death.by === 'self' ? death.nth : 0
  return instant => {
    if (death.by !== 'self' || death.instant !== instant || --left !== 0) return
    note('K', instant)
    // Other threads go on meanwhile: the one that writes to the disk gets this far.
    const until = performance.now() + death.spin / 1_000
    while (performance.now() < until);
    process.kill(process.pid, 'SIGKILL')
  }
}

/** Strikes while LevelDB writes a batch, and when it has written one. */
export function strikeInCommits(strike: Strike): void {
  const { prototype }: { prototype: Written } = AbstractChainedBatch
  const { write } = prototype
  prototype.write = async function (options) {
    const writing = write.call(this, options)
    strike('commit')
    await writing
    strike('committed')
  }
}

interface Written {
  write(this: object, options?: object): Promise<void>
}
