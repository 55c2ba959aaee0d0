import { readFileSync } from 'node:fs'

const LONGEST = 1_000

/** The line of source that a site (`file:line:column`) is in; undefined: there is none. */
export function sourceLine(site: string): string | undefined {
  const [, path = '', line = ''] = /^(.*):(\d+):\d+$/.exec(site) ?? []
  try {
    const text = readFileSync(path, 'utf8').split('\n')[Number(line) - 1]
    return text?.trim().slice(0, LONGEST)
  } catch {
    // It is code that was not written to a file, or lies elsewhere by now.
    return undefined
  }
}
