import { isDeepStrictEqual } from 'node:util'
import { keys } from '../../journal/keys.ts'
import { nameOf } from './interpreter.ts'
import { Trial } from './trial.ts'
import { type Result, recordedResult } from './witness-laws.ts'

/**
 * Opens another engine on a copy of what a trial has left, when all has come to its end. Returns
 * what it shows otherwise than the first, or writes beside the commit of its epoch.
 */
export async function faultOfCopy({
  plan,
  disk,
  history,
  clock,
}: Trial): Promise<string | undefined> {
  const copy = new Trial({ ...plan, fates: [] })
  const written: string[] = []
  for (const [key, value] of disk.rows) copy.disk.rows.set(key, value)
  copy.clock.jump(clock.wall() - copy.clock.wall())
  copy.disk.onWrite = ({ puts, dels }) => void written.push(...puts.keys(), ...dels)
  await copy.open()
  const shown = new Map<string, Result | { status: string }>()
  for (const run of history.runs.keys()) {
    const handle = copy.engine?.run(run)
    handle?.then(async ({ status }) => shown.set(`${run} status`, { status: await status() }))
    handle
      ?.then(({ result }) => result())
      .then(
        output => shown.set(run, { output }),
        error => shown.set(run, { error: nameOf(error) }),
      )
  }
  await copy.pass(120_000)
  await copy.close()
  for (const [run, { ledger }] of history.runs) {
    const { status } = ledger
    if (!isDeepStrictEqual(shown.get(`${run} status`), { status })) return `${run} is not ${status}`
    const recorded = recordedResult(run, history)
    if (recorded !== undefined && !isDeepStrictEqual(shown.get(run), recorded)) {
      return `${run}: ${JSON.stringify(shown.get(run))}, recorded ${JSON.stringify(recorded)}`
    }
  }
  // It may find that the other died while it brought runs back: none are left that need it.
  const [, ...more] = written.filter(key => key !== keys.recovery)
  return more.length > 0 ? `it wrote ${more.join(', ')}` : undefined
}
