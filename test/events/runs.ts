import type { RunSummary } from 'perdure'
import { expect } from 'vitest'
import { verify } from '../../journal/verify.ts'
import { Disk } from '../../src/testing/disk.ts'
import type { World } from '../simulation/world.ts'

/** All runs of a workflow, in the order in which they were started. */
export async function runsOf(world: World, workflow?: string): Promise<RunSummary[]> {
  const runs: RunSummary[] = []
  const filter = workflow === undefined ? {} : { workflow }
  for await (const run of world.engine.runs(filter)) runs.push(run)
  return runs.sort((a, b) => (a.id < b.id ? -1 : 1))
}

export const statusesOf = async (world: World, workflow?: string): Promise<string[]> =>
  (await runsOf(world, workflow)).map(({ status }) => status)

/** What the one run of a workflow gave. */
export async function outputOf(world: World, workflow: string): Promise<unknown> {
  const [run, ...others] = await runsOf(world, workflow)
  expect(others).toEqual([])
  return (await world.engine.run(run?.id ?? '')).result()
}

/** The journal is sound, whatever happened to it. */
export async function mustBeSound(world: World): Promise<void> {
  const copy = new Disk()
  for (const [key, value] of world.disk.rows) copy.rows.set(key, value)
  const found: unknown[] = []
  for await (const finding of verify(copy.open())) found.push(finding)
  expect(found).toEqual([])
}

/** How many rows of a keyspace there are: `w!` waits, `b!` inboxes, `v!` events, `i!` event ids. */
export const rowsOf = (world: World, space: string): number =>
  [...world.disk.rows.keys()].filter(key => key.startsWith(space)).length
