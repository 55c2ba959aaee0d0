import type { Head } from '../../journal/head.ts'
import type { RunStatus } from '../../journal/lifecycle.ts'
import type { Source } from '../inspect/source.ts'
import { momentOf, mustBeStatus } from './filters.ts'
import { runNamed } from './run-ref.ts'
import { UsageError } from './usage.ts'

/** Runs by their ids, or by what they have in common. */
export interface Choice {
  readonly workflow?: string
  readonly status?: readonly string[]
  readonly since?: string
  readonly until?: string
}

/**
 * The runs that are meant, each once. A filter without a status means those whose status is one of
 * `usual`. Throws USAGE_INVALID where nothing is said, RUN_NOT_FOUND, ID_AMBIGUOUS.
 */
export async function chosenRuns(
  refs: readonly string[],
  choice: Choice,
  usual: readonly RunStatus[],
  { source, now }: { readonly source: Source; readonly now: number },
): Promise<readonly Head[]> {
  const { workflow } = choice
  const since = momentOf('--since', choice.since, now)
  const until = momentOf('--until', choice.until, now)
  const isFilter = (choice.status ?? workflow ?? since ?? until) !== undefined
  if (refs.length > 0 === isFilter) {
    const what = isFilter ? 'Runs are named, and a filter is given.' : 'No run is named.'
    throw new UsageError('USAGE_INVALID', what, {
      hint: 'Name runs by their ids, or with a filter: --workflow, --status, --since, --until.',
    })
  }
  const chosen = new Map<string, Head>()
  for (const ref of refs) {
    const head = await runNamed(ref, source)
    chosen.set(head.run, head)
  }
  if (!isFilter) return [...chosen.values()]
  const query = {
    order: 'id' as const,
    status: choice.status?.map(mustBeStatus) ?? usual,
    ...(workflow !== undefined && { workflow }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  }
  for await (const page of source.runs(query)) for (const head of page) chosen.set(head.run, head)
  return [...chosen.values()]
}
