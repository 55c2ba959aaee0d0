import { Writable } from 'node:stream'
import { type Exit, exit } from './exit.ts'
import type { Globals } from './globals.ts'
import { type Io, Outlet } from './io.ts'
import { withJournal } from './opened.ts'

/** More would not be read; and who types waits. */
const MOST = 200
const REFS = ['@last', '@failed', '@running', '@parked']

/**
 * Answers a script of completion: what kind of thing, what it begins with, and the line so far. One word
 * a line; nothing where there is no journal, or it cannot be read.
 */
export async function complete(
  [kind, begin = '', ...words]: readonly string[],
  io: Io,
): Promise<Exit> {
  const found = new Set<string>()
  try {
    await withJournal(dirIn(words), quiet(io), async ({ source }) => {
      for await (const heads of source.runs({ order: 'newest', limit: MOST })) {
        for (const { run, workflow } of heads) found.add(kind === 'run' ? run : workflow)
      }
    })
  } catch {
    // A shell has no use for what went wrong.
  }
  const all =
    kind === 'run' ? [...(begin.startsWith('@') ? REFS : []), ...found] : [...found].sort()
  const fit = all.filter(word => word.startsWith(begin) && /^[^\s\p{C}]+$/u.test(word))
  await io.out.write(fit.map(word => `${word}\n`).join(''))
  return exit.ok
}

/** The journal that the line names, as far as it is typed. */
function dirIn(words: readonly string[]): Globals {
  const inline = words.find(word => word.startsWith('--dir='))?.slice('--dir='.length)
  const at = words.findIndex(word => word === '-d' || word === '--dir')
  const dir = inline ?? (at === -1 ? undefined : words[at + 1])
  return dir === undefined || dir === '' ? {} : { dir }
}

const quiet = (io: Io): Io => ({
  ...io,
  err: new Outlet(new Writable({ write: (_, __, done) => done() })),
})
