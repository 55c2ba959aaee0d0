import { event, workflow } from 'perdure'
import { expect, test } from 'vitest'
import type { Store } from '../../journal/store.ts'
import { timeOrderedIds } from '../../src/ports/ids.ts'
import { Machine } from '../../src/testing/machine.ts'
import { passTime } from '../../src/testing/pass-time.ts'
import { RunView, runsOn } from '../../src/testing/run-view.ts'

const job = event<'job', null>('job')

const work = workflow(
  { id: 'work', triggers: job, concurrency: { limit: 2, per: 'run' } },
  async ({ step }) => {
    await step.run('one', () => 1)
    await step.sleep('1s')
  },
)

/** Reading a line takes a while: runs that were let in begin meanwhile. */
function slowly(store: Store, moves: () => void): Store {
  const plain = store.scan.bind(store)
  const scan: Store['scan'] = async function* (...what) {
    for await (const chunk of plain(...what)) {
      if (what[0].gte.startsWith('q!')) {
        moves()
        await new Promise(resolve => setImmediate(resolve))
      }
      yield chunk
    }
  }
  return Object.assign(store, { scan })
}

test('who was let in before a crash and begins while the line is read is not let in again', async () => {
  for (let dies = 3; dies <= 12; dies++) {
    const machine = new Machine(timeOrderedIds(size => new Uint8Array(size)))
    const open = machine.disk.open.bind(machine.disk)
    machine.disk.open = () => slowly(open(), () => machine.activity++)
    const settle = async (): Promise<void> => {
      await machine.settle()
      while (machine.engine === undefined) {
        if (machine.failure !== undefined) throw machine.failure
        await machine.boot(() => ({ workflows: [work] }))
      }
    }
    await machine.boot(() => ({ workflows: [work] }))
    const before = machine.disk.writes
    machine.disk.fault = () => (machine.disk.writes === before + dies ? 'crash-after' : undefined)
    machine.engine?.send(Array.from({ length: 10 }, () => job(null))).catch(() => {})
    await settle()
    await passTime(machine.clock, 60_000, settle)
    const runs = runsOn(machine.disk.rows).map(id => new RunView(machine.disk.rows, id))
    expect(runs.map(({ status }) => status)).toEqual(runs.map(() => 'completed'))
    expect(machine.engine?.stats()).toMatchObject({ runs: 0, waitingRuns: 0 })
    await machine.stop()
  }
})
