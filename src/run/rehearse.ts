import type { Entry, Record } from '../../journal/entry.ts'
import { emptyLedger, type Ledger, noteRecord } from '../../journal/ledger.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import { silentLogger } from '../define/logger.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import type { LiveCode } from './code.ts'
import { type Divergence, describeCommand, describeEnding } from './divergence.ts'
import { isEnded } from './ended-as.ts'
import { type CodeHost, replay } from './replay.ts'

/** What becomes of a stored run when the code is called again with what it was answered. */
export type Rehearsal =
  /** The code asks for what is recorded, and rests or ends where the run did. */
  | { readonly verdict: 'same' }
  /**
   * It does all that is recorded and goes on from where the run had ended, or from where its code had
   * failed.
   */
  | ({ readonly verdict: 'extends' } & Divergence)
  /** It does not fit: an engine would park the run. */
  | ({ readonly verdict: 'diverges' } & Divergence)

/**
 * Replays a run, ended or not, and forgets it: nothing is performed, written or logged. What the code
 * asks for beyond the records is dropped.
 */
export async function rehearse(
  run: string,
  workflow: AnyWorkflow,
  records: readonly Record[],
  host: CodeHost,
): Promise<Rehearsal> {
  const { told, backoff } = withCode(run, records)
  const code = await replay(run, workflow, told, forgetful(host))
  const { divergence } = code
  if (divergence !== undefined) {
    const verdict = goesOn(divergence, code, told) ? 'extends' : 'diverges'
    return { verdict, ...divergence }
  }
  if (backoff === undefined || code.ending?.kind === 'threw') return { verdict: 'same' }
  const [next] = code.takeAsked(0)
  const did = describeEnding(code.ending)
  const asked = next === undefined ? did.asked : describeCommand(next.command)
  const { site } = did
  return {
    verdict: 'extends',
    entry: backoff,
    recorded: 'code.failed',
    asked,
    site,
    after: undefined,
  }
}

/** Without the records in which the code had no part; and the failure whose retry is waited for. */
function withCode(run: string, records: readonly Record[]): Told {
  const ledger = emptyLedger(run)
  const told: Record[] = []
  let backoff: number | undefined
  for (const record of records) {
    const hadCode = mayHaveCode(ledger)
    noteRecord(ledger, record)
    // What is late reaches no code, and neither does a cancellation while the code was not alive.
    if (ledger.hadEnded || (isFinal(ledger.status) && !hadCode && isCancelled(record))) break
    told.push(record)
    backoff = ledger.backoff
  }
  return { told, backoff }
}

interface Told {
  readonly told: readonly Record[]
  readonly backoff: number | undefined
}

const mayHaveCode = ({ started, status, backoff }: Ledger): boolean =>
  started && status !== 'parked' && backoff === undefined

const isCancelled = ({ entries }: Record): boolean => entries[0]?.type === 'run.cancel_requested'

/** Whether it is a call behind the end of the run that does not fit. */
function goesOn(
  { entry, asked }: Divergence,
  { ending }: LiveCode,
  told: readonly Record[],
): boolean {
  const at = entryAt(told, entry)
  return at !== undefined && isEnded(at) && asked !== describeEnding(ending).asked
}

function entryAt(records: readonly Record[], seq: number): Entry | undefined {
  const last = records.at(-1)
  return last?.entries[seq - last.seq]
}

const forgetful = (host: CodeHost): CodeHost => ({
  ...host,
  logger: () => silentLogger,
  onWake() {},
})
