import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Gives `work` a directory of its own that is gone afterwards, also after Ctrl-C. */
export async function withScratch<Result>(
  under: string,
  work: (scratch: string) => Promise<Result>,
): Promise<Result> {
  const scratch = mkdtempSync(join(under, 'perdure-cli-'))
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
