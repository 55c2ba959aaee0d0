import type { Source } from '../inspect/source.ts'
import { type Timeline, TimelineFold } from '../inspect/timeline.ts'

/** All that is recorded of a run now. Throws RUN_NOT_FOUND. */
export async function runTimeline(run: string, source: Source): Promise<Timeline> {
  const fold = new TimelineFold(run)
  for await (const page of source.records(run)) for (const record of page) fold.add(record)
  return fold.timeline()
}
