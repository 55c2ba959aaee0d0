import type { Head } from '../../journal/head.ts'
import type { Gist } from './gist.ts'
import type { Listed } from './source.ts'

/** Runs that are asked about at once. */
const TOGETHER = 50

/** Runs, with what a list says of them. */
export async function* withGists(
  runs: AsyncIterable<readonly Head[]>,
  gistsOf: (runs: readonly string[]) => AsyncIterable<readonly Gist[]>,
): AsyncGenerator<readonly Listed[]> {
  for await (const heads of runs) {
    for (let at = 0; at < heads.length; at += TOGETHER) {
      const some = heads.slice(at, at + TOGETHER)
      const gists = new Map<string, Gist>()
      for await (const page of gistsOf(some.map(({ run }) => run))) {
        for (const gist of page) gists.set(gist.run, gist)
      }
      yield some.map(head => listed(head, gists.get(head.run)))
    }
  }
}

export const listed = (head: Head, gist: Gist | undefined): Listed =>
  gist === undefined ? { head } : { head, gist }
