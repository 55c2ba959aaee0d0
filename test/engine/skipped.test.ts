import { openEngine } from 'perdure'
import { expect, test } from 'vitest'
import type { Entry } from '../../journal/entry.ts'
import { openOn } from '../../journal/open.ts'
import { outcomeFor, postsOf } from '../../src/engine/kinship.ts'
import { Run } from '../../src/run/run.ts'
import { decodeThrown } from '../../src/run/thrown.ts'
import { Hand, scheduled, value } from '../journal/lanes.ts'
import { memoryStore } from '../journal/sample-store.ts'

const VALUES = { bytes: 1_000, depth: 9 }
const completed: Entry = { type: 'run.completed', output: value('sent') }

test('the result of a run that never began says why; of one that joined another it is that', async () => {
  const store = await memoryStore()
  const { journal } = await openOn(store, { path: 'memory', now: 5 })
  const hand = new Hand(journal)
  const skip = (run: string, skipped: Omit<Entry & { type: 'run.skipped' }, 'type'>) =>
    hand.write(run, scheduled(run), { type: 'run.skipped', ...skipped })
  await hand.write('whole', scheduled('whole'), { type: 'run.started' }, completed)
  await skip('part', { reason: 'joined', by: 'whole' })
  await skip('refused', { reason: 'rate-limit' })
  await skip('twice', { reason: 'idempotency', by: 'whole' })
  await journal.close()
  const engine = await openEngine({ path: 'memory', store, workflows: [] })
  const result = async (id: string): Promise<unknown> => (await engine.run(id)).result()
  expect(await result('part')).toBe('sent')
  await expect(result('refused')).rejects.toMatchObject({
    code: 'RUN_SKIPPED',
    facts: { run: 'refused', reason: 'rate-limit' },
  })
  await expect(result('twice')).rejects.toMatchObject({
    code: 'RUN_SKIPPED',
    facts: { run: 'twice', reason: 'idempotency', by: 'whole' },
  })
  expect(await (await engine.run('refused')).status()).toBe('skipped')
  await engine.close()
})

test('a parent is told that its child never began, but not that it joined another run', () => {
  const first = scheduled('r')
  const told = outcomeFor('r', [first, { type: 'run.skipped', reason: 'backlog' }], VALUES)
  expect(told?.ok).toBe(false)
  expect(decodeThrown(told?.value ?? new Uint8Array())).toMatchObject({ code: 'RUN_SKIPPED' })
  const joined = { type: 'run.skipped', reason: 'joined', by: 'other' } as const
  expect(outcomeFor('r', [first, joined], VALUES)).toBeUndefined()
})

test('every parent of a run that gathered is told how it ended', () => {
  const run = new Run('r', undefined)
  const one = { run: 'p', seq: 3 }
  const two = { run: 'q', seq: 4 }
  const gather = {
    type: 'gather.set',
    gather: 'batch',
    key: 'k',
    mode: 'all',
    due: 9,
    ts: 1,
  } as const
  const joined = { type: 'run.joined', events: [{ data: value(1), parent: two }] } as const
  const entries = [{ ...scheduled('r'), parent: one }, gather, joined, { type: 'run.started' }]
  run.note({ run: 'r', seq: 0, at: 1, elapsed: 1, entries: entries as Entry[] })
  const posts = postsOf(run, { type: 'code.woke' }, [], [completed], VALUES)
  expect(posts).toEqual(
    [one, two].map(({ run, seq }) => ({
      run,
      input: { type: 'child.finished', of: seq, ok: true, value: value('sent') },
    })),
  )
})
