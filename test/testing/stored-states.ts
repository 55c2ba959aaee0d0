import { openEngine, type Workflow, workflow } from 'perdure'
import { JournalReader } from '../../journal/reader.ts'
import { timeOrderedIds } from '../../src/ports/ids.ts'
import { VirtualClock } from '../../src/testing/clock.ts'
import { Disk } from '../../src/testing/disk.ts'
import type { RunData, Stage } from '../laws/calls.ts'
import { carryOut } from '../laws/driver.ts'
import { interpret } from '../laws/interpreter.ts'
import type { Plan } from '../laws/plan.ts'
import type { Program } from '../laws/program.ts'
import type { Trial } from '../laws/trial.ts'

export type Rows = ReadonlyMap<string, Uint8Array>

/** What a crash behind each write would have left. */
export async function statesOf(plan: Plan): Promise<Rows[]> {
  const states: Rows[] = []
  const begun = ({ disk }: Trial): void => {
    const { onWrite } = disk
    disk.onWrite = (write, fault) => {
      onWrite(write, fault)
      if (fault !== 'fails') states.push(new Map(disk.rows))
    }
  }
  await carryOut(plan, { begun })
  return states
}

/** The programs as workflows that nothing comes of: no step ever ends, and nobody looks. */
export const bareWorkflows = (programs: readonly Program[]): Workflow<RunData>[] =>
  programs.map((program, at) =>
    workflow({ id: `w${at}`, retries: 3, backoff: ['3s'] }, interpret(program, BARE)),
  )

const BARE: Stage = {
  // What dies has had its lives.
  born: () => 1_000,
  body: () => new Promise(() => {}),
  saw() {},
  foreign: () => new Promise(resolve => setImmediate(resolve)),
  asks() {},
  heard() {},
  workflow() {
    throw new Error('these programs call no others')
  },
}

/** The runs that an engine parks which brings all of them back with other code. */
export async function parkedByEngine(
  rows: Rows,
  workflows: readonly Workflow<RunData>[],
): Promise<string[]> {
  const disk = new Disk()
  for (const [key, value] of rows) disk.rows.set(key, value)
  const before = new JournalReader(disk.open())
  const heads = []
  for await (const head of before.heads('active')) heads.push(head)
  const engine = await openEngine({
    path: 'simulated',
    store: disk.open(),
    workflows,
    // All timers are overdue: their runs come back by themselves.
    clock: new VirtualClock(Date.UTC(2035, 0, 1)),
    ids: timeOrderedIds(size => new Uint8Array(size)),
    retention: 'forever',
  })
  await settle(disk)
  // So do paused ones when they go on, and all others when something is asked of them.
  for (const { run, status } of heads) {
    await engine[status === 'paused' ? 'resume' : 'pause'](run).catch(() => {})
    await settle(disk)
  }
  await engine.close()
  const parked: string[] = []
  const reader = new JournalReader(disk.open())
  for (const { run, seq } of heads) {
    const head = await reader.head(run)
    if (head === undefined) throw new Error(`${run} is gone`)
    for await (const record of reader.records(head)) {
      const [entry] = record.entries
      if (record.seq < seq || entry?.type !== 'run.parked') continue
      if (entry.code !== 'NON_DETERMINISTIC') throw new Error(`${run}: ${entry.code}`)
      parked.push(run)
      break
    }
  }
  return parked
}

/** Whether a journal has runs that have not ended. */
export const hasLive = (rows: Rows): boolean => [...rows.keys()].some(key => key.startsWith('a!'))

async function settle(disk: Disk): Promise<void> {
  let before = -1
  for (let quiet = 0; quiet < 8; ) {
    await new Promise(resolve => setImmediate(resolve))
    quiet = disk.accesses === before ? quiet + 1 : 0
    before = disk.accesses
  }
}
