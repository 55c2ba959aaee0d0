import { workflow } from 'perdure'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/ports/clock.ts'
import { systemIds } from '../../src/ports/ids.ts'
import { CheckedOptions } from '../../src/testing/checked-options.ts'
import { Disk } from '../../src/testing/disk.ts'

const one = workflow({ id: 'one' }, async () => 1)
const two = workflow({ id: 'two' }, async () => 2)
const twin = workflow({ id: 'two' }, async () => 3)

const own = () => ({
  path: 'simulated',
  store: new Disk().open(),
  ids: systemIds(),
  clock: { ...systemClock },
})

test('options of the same workflows are checked once, and each opening keeps its own', () => {
  const checked = new CheckedOptions()
  const [first, second] = [own(), own()]
  const bodies = () => 'of the second'
  const before = checked.of({ workflows: [one, two] }, first)
  const after = checked.of({ workflows: [one, two], bodies }, second)
  expect(before).toMatchObject({ retention: Number.POSITIVE_INFINITY, bodies: undefined })
  expect(after.workflows).toBe(before.workflows)
  for (const [settings, { store, ids, clock }] of [
    [before, first],
    [after, second],
  ] as const) {
    expect(settings.store).toBe(store)
    expect(settings.ids).toBe(ids)
    expect(settings.clock).toBe(clock)
  }
  expect(after.bodies).toBe(bodies)
})

test('other workflows are checked, also if they came into the same list', () => {
  const checked = new CheckedOptions()
  const workflows = [one]
  checked.of({ workflows }, own())
  workflows.push(two)
  expect([...checked.of({ workflows }, own()).workflows.keys()]).toEqual(['one', 'two'])
  workflows[1] = twin
  expect(checked.of({ workflows }, own()).workflows.get('two')).toBe(twin)
  workflows.push(two)
  expect(() => checked.of({ workflows }, own())).toThrow("Two workflows have the id 'two'")
})
