import { verify } from '../../journal/verify.ts'
import { LawBroken } from '../laws/law.ts'
import { mayHaveLost, type Sent } from './loss-law.ts'
import { mayHaveCome, mayHaveTakenTooLong } from './pace-laws.ts'
import type { Records } from './records.ts'
import { mayHaveLeftOut } from './taken-law.ts'
import type { World } from './world.ts'

/** What is known of a story beside what is recorded. */
export interface Known {
  readonly sent: readonly Sent[]
  /** Runs that were made to try others again. */
  readonly retries: ReadonlySet<string>
}

/** Everything has ended, nothing was lost, and nothing is left over. Stops the engine. */
export async function mustHaveEnded(records: Records, world: World, known: Known): Promise<void> {
  await mustBeOver(records, world)
  mayHaveLost(records, known.sent)
  mayHaveLeftOut(records)
  mayHaveCome(records, world, known.retries)
  mayHaveTakenTooLong(records, known.retries)
  const { disk } = world.machine
  const left = [...disk.rows.keys()].filter(key => key.startsWith('q!'))
  if (left.length > 0) throw new LawBroken('nothing is left over', left.join(', '))
  await world.machine.stop()
  for await (const finding of verify(disk.open())) {
    throw new LawBroken('the journal is sound', JSON.stringify(finding))
  }
}

async function mustBeOver({ active }: Records, { engine }: World): Promise<void> {
  for (const { ledger } of active) {
    const { run, workflow, status } = ledger
    const { waitsFor } = await engine.why(run)
    const fault = `${run} of ${workflow} is ${status}, and waits for ${JSON.stringify(waitsFor)}`
    throw new LawBroken('every run ends', fault)
  }
  const { runs, runningSteps, waitingSteps, waitingRuns, waitingBytes, gatheringRuns } =
    engine.stats()
  const left = { runs, runningSteps, waitingSteps, waitingRuns, waitingBytes, gatheringRuns }
  if (Object.values(left).every(count => count === 0)) return
  throw new LawBroken('the engine counts what is recorded', `in the end ${JSON.stringify(left)}`)
}
