import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeFailed } from './write-failed.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Gives `work` a directory of its own that is gone afterwards, also after Ctrl-C. Throws WRITE_FAILED.
 */
export async function withScratch<Result>(
  under: string,
  work: (scratch: string) => Promise<Result>,
): Promise<Result> {
  const scratch = made(under)
  // Copying may still create a file while its directory is being removed.
  const remove = (): void => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 })
  const obey = (signal: NodeJS.Signals): void => {
    forget()
    remove()
    process.kill(process.pid, signal)
  }
  const forget = (): void => {
    for (const signal of SIGNALS) process.off(signal, obey)
  }
  for (const signal of SIGNALS) process.on(signal, obey)
  try {
    return await work(scratch)
  } finally {
    forget()
    remove()
  }
}

function made(under: string): string {
  try {
    return mkdtempSync(join(under, 'perdure-cli-'))
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    const what = `A copy of the journal, in ${under},`
    const elsewhere = 'TMPDIR names another place for it.'
    throw writeFailed({ what, elsewhere, facts: { place: under } }, cause)
  }
}
