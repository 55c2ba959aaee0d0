import { expect, test } from 'vitest'
import { entryFromJson } from '../../journal/entry-from-json.ts'
import { entryFacts } from '../../journal/entry-json.ts'
import { openOn } from '../../journal/open.ts'
import { fillLanes } from './lanes.ts'
import { memoryStore } from './sample-store.ts'

test('entries of admission are the same after they were JSON', async () => {
  const { journal } = await openOn(await memoryStore(), { path: 'memory', now: 5 })
  const { records } = await fillLanes(journal)
  const types = new Set<string>()
  for (const record of records) {
    for (const entry of record.entries) {
      const facts = JSON.parse(JSON.stringify(entryFacts(entry)))
      const again = entryFromJson(entry.type, facts)
      expect(again).toEqual(entry)
      types.add(entry.type)
    }
  }
  const joined = ['run.joined', 'gather.set']
  for (const type of [...joined, 'slot.set', 'queue.set', 'deadline.set', 'deadline.moved'])
    expect(types).toContain(type)
})
