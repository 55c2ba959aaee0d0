import { chainHash } from './commit.ts'
import { emptyDigest } from './digest.ts'
import { corrupt, unseal } from './envelope.ts'
import { keys, ranges } from './keys.ts'
import { openCommit } from './reader.ts'
import type { Store } from './store.ts'
import { noCounts, type Tip, tipOf } from './tip.ts'

/** The newest commit. Absent in a new journal only. */
export async function readTip(store: Store): Promise<Tip | undefined> {
  for await (const chunk of store.scan(ranges.commits(), { reverse: true, limit: 1 })) {
    for (const [key, value] of chunk) {
      const row = openCommit(key, value)
      const { commit, at, elapsed, active, timers, counts } = row
      if (keys.commit(commit) !== key) throw corrupt(key, `it says it is commit ${commit}`)
      const { epoch } = unseal(key, value)
      const chain = chainHash(value)
      const allCounts = { ...noCounts(), ...counts }
      return tipOf(
        { epoch, commit, chain, at, elapsed, counts: allCounts },
        {
          active,
          timers,
          waits: row.waits ?? emptyDigest(),
          inbox: row.inbox ?? emptyDigest(),
          schedules: row.schedules ?? emptyDigest(),
          admission: row.admission ?? emptyDigest(),
          limits: row.limits ?? emptyDigest(),
        },
      )
    }
  }
  return undefined
}
