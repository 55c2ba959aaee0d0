import { noSuchRun } from '../../journal/error.ts'
import type { Head } from '../../journal/head.ts'
import type { RunStatus } from '../../journal/lifecycle.ts'
import type { Source } from '../inspect/source.ts'
import { UsageError } from './usage.ts'

/** Shorter ends of ids are not looked for: they would mean another run tomorrow. */
const SHORTEST = 4
const TOLD = 8
const LONGEST_SHOWN = 20
const END_SHOWN = 6

const REFS: { readonly [name: string]: readonly RunStatus[] | undefined } = {
  '@last': undefined,
  '@failed': ['failed'],
  '@running': ['running'],
  '@parked': ['parked'],
}

/**
 * The run that is meant: by its id, by an end of it that no other has, or the newest of a kind:
 * `@last`, `@failed`, `@running`, `@parked`, each also of one workflow (`@last:billing`).
 * Throws RUN_NOT_FOUND, ID_AMBIGUOUS, USAGE_INVALID.
 */
export async function runNamed(ref: string, source: Source): Promise<Head> {
  if (ref.startsWith('@')) return newest(ref, source)
  const exact = await source.run(ref)
  if (exact !== undefined) return exact
  const suffix = ref.replace(/^(…|\.\.\.)/, '')
  const found = suffix.length < SHORTEST ? [] : await endingIn(suffix, source)
  const [first, second] = found
  if (first === undefined) throw noSuchRun(ref)
  if (second === undefined) return first
  throw new UsageError('ID_AMBIGUOUS', `Several runs have an id that ends in ${suffix}.`, {
    hint: `Write more of it: ${found.map(({ run }) => run).join(', ')}`,
    facts: { suffix, runs: found.map(({ run }) => run) },
  })
}

async function newest(ref: string, source: Source): Promise<Head> {
  const [name = '', workflow] = ref.split(':', 2)
  if (!Object.hasOwn(REFS, name)) {
    throw new UsageError('USAGE_INVALID', `${ref} is no reference to a run.`, {
      hint: `There are ${Object.keys(REFS).join(', ')}; behind a colon the id of a workflow may follow.`,
      facts: { ref },
    })
  }
  const status = REFS[name]
  const query = {
    order: 'newest',
    limit: 1,
    ...(status !== undefined && { status }),
    ...(workflow !== undefined && { workflow }),
  } as const
  for await (const [head] of source.runs(query)) if (head !== undefined) return head
  throw noSuchRun(ref)
}

async function endingIn(suffix: string, source: Source): Promise<readonly Head[]> {
  const found: Head[] = []
  for await (const page of source.runs({ order: 'id', suffix, limit: TOLD })) found.push(...page)
  return found
}

/** An id as it is shown: whole if it is short, else its end. */
export const shownId = (run: string, ascii = false): string =>
  run.length <= LONGEST_SHOWN ? run : `${ascii ? '...' : '…'}${run.slice(-END_SHOWN)}`
