import { kindOf, parseLimitId } from '../admission/limit-id.ts'
import { isKeyed } from '../admission/terms.ts'
import { Run } from '../run/run.ts'
import type { Parts } from './parts.ts'

/** Records that are read at the same time. */
const READS = 32

/**
 * Finds out what batches come under that an opening has found gathering: the door is to judge them by the
 * keys of their first events, which are read here. Only where a workflow has a door of its own, and
 * keys: others are told apart by nothing, or only by the limits of the whole engine.
 */
export async function recallTerms(parts: Parts): Promise<void> {
  const { gatherers } = parts.events.admission.admission
  const unknown: [run: string, workflow: string][] = []
  for (const { run, key } of gatherers.values()) {
    if (kindOf(key) !== 'batch') continue
    const owner = parseLimitId(key)?.owner
    if (owner !== undefined && hasDoor(parts, owner)) unknown.push([run, owner])
  }
  for (let at = 0; at < unknown.length; at += READS) {
    await Promise.all(unknown.slice(at, at + READS).map(each => recall(parts, ...each)))
  }
}

function hasDoor({ events }: Parts, workflow: string): boolean {
  const flow = events.admission.admission.rules.flowOf(workflow)
  return flow?.backlog?.full === 'refuse' && isKeyed(flow)
}

async function recall({ journal, settings, time, events }: Parts, id: string, workflow: string) {
  const { admission, requests } = events.admission
  const run = new Run(id, settings.workflows.get(workflow))
  try {
    run.note(await journal.record(id, 0))
  } catch {
    // What cannot be read is told of when the run is brought back.
    return
  }
  admission.gatherers.know(id, admission.terms.of(requests.ofRun(run, time.stamp())))
}
