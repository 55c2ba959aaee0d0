import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createActor, createMachine } from 'xstate'
import type { Entry, Record } from '../../journal/entry.ts'
import { lifecycle, type RunStatus } from '../../journal/lifecycle.ts'
import { evolve, runActor } from '../../src/run/machine.ts'

// The same table, given to XState as it is.
const plain = createMachine({
  initial: 'scheduled',
  states: Object.fromEntries(
    Object.entries(lifecycle).map(([status, transitions]) => [status, { on: { ...transitions } }]),
  ),
})

const types = [...new Set(Object.values(lifecycle).flatMap(on => Object.keys(on)))]

const entryOf = (type: string): Entry => ({ type }) as Entry

const recordOf = (type: string): Record => ({
  ...{ run: 'r', seq: 0, at: 0, elapsed: 0 },
  entries: [entryOf(type)],
})

test('runs go through the states of the lifecycle, whatever other runs went through', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.constantFrom(...types))), runs => {
      for (const entries of runs) {
        const [ours, theirs] = [runActor(), createActor(plain).start()]
        for (const type of entries) {
          theirs.send({ type })
          evolve(ours, recordOf(type), theirs.getSnapshot().value as RunStatus)
        }
      }
    }),
  )
})

test('another status than that of the fold is a defect', () => {
  expect(() => evolve(runActor(), recordOf('run.started'), 'paused')).toThrow(
    'run r is paused, its machine says running',
  )
})

test('a run that is paused again and again comes back to the same state', () => {
  const actor = runActor()
  const seen = new Set<unknown>()
  for (const type of [
    'run.started',
    ...Array.from({ length: 20 }, () => 'run.paused run.resumed'),
  ]) {
    for (const each of type.split(' ')) actor.send(entryOf(each))
    seen.add(actor.getSnapshot())
  }
  expect(seen.size).toBe(1)
})
