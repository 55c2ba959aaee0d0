import assert from 'node:assert/strict'
import { seal, unseal } from '../../journal/envelope.ts'
import type { Journal } from '../../journal/journal.ts'
import { startJournal } from '../../journal/start.ts'
import { Author } from './author.ts'
import { appends, indexes } from './journal-appends.ts'
import { journalAgrees } from './journal-model.ts'
import { refuses } from './journal-refusals.ts'
import { collect, isCorrupt, NOW, start, startAgain } from './journals.ts'
import { EVERYTHING, write } from './rows.ts'
import { type Framework, type OpenStore, testOn } from './subject.ts'

/**
 * What an engine relies on in a journal, over your store:
 *
 *   journalSuite('on my store', openMine, { describe, test })
 */
export function journalSuite(name: string, open: OpenStore, framework: Framework): void {
  framework.describe(`a journal ${name}`, () => {
    openings(framework, open)
    appends(framework, open)
    indexes(framework, open)
    missing(framework, open)
    refuses(framework, open)
    journalAgrees(framework, open)
  })
}

function openings(framework: Framework, open: OpenStore): void {
  const test = testOn(framework, open)
  test('takes the next epoch at each opening, in a commit of its own', async subject => {
    const { journal, meta } = await start(subject.store)
    assert.deepEqual([journal.epoch, journal.tip.commit], [1, 1])
    assert.deepEqual([meta.durability, meta.createdAt, meta.id.length > 8], ['fsync', NOW, true])
    const { journal: second, store } = await startAgain(journal, subject, NOW + 5_000)
    assert.deepEqual([second.epoch, second.tip.commit], [2, 2])
    assert.deepEqual([second.tip.at, second.tip.elapsed], [NOW + 5_000, NOW + 5_000])
    const { meta: kept, journal: third } = await start(store, NOW - 1)
    assert.deepEqual(kept, meta)
    assert.deepEqual([third.epoch, third.tip.at], [3, NOW + 5_000])
  })
  test('writes its epoch into every value', async subject => {
    const { journal } = await start(subject.store)
    const author = new Author('run')
    await journal.append([author.begin(NOW)])
    const { journal: second, store } = await startAgain(journal, subject)
    const again = await Author.resume(second, 'run')
    await second.append([again.next(0, NOW + 1)!])
    const epochs: [string, number][] = []
    for await (const chunk of store.scan(EVERYTHING)) {
      for (const [key, value] of chunk) epochs.push([key, unseal(key, value).epoch])
    }
    assert.deepEqual(epochs, [
      ['a!run', 2],
      ...[1, 1, 2, 2].map((epoch, at) => [`c!${String(at + 1).padStart(16, '0')}`, epoch]),
      ['e!run!0000000000', 1],
      ['e!run!0000000001', 2],
      ['m', 1],
    ])
  })
  test('keeps one durability', async ({ store }) => {
    await start(store)
    await assert.rejects(startJournal(store, { durability: 'os', now: NOW }), {
      code: 'JOURNAL_FORMAT',
    })
  })
}

function missing(framework: Framework, open: OpenStore): void {
  const test = testOn(framework, open)
  for (const [what, key] of [
    ['a run', 'a!run'],
    ['a timer', `t!w!${String(NOW + 5).padStart(16, '0')}!run!0000000003`],
    ['what a run waits for', 'w!run!0000000004'],
    ['an input that waits for its turn', 'b!run!0000000000000000'],
    ['the journal’s own row', 'm'],
  ] as const) {
    test(`does not open when ${what} is missing, and says so`, async ({ store }) => {
      await sleeping(await start(store))
      await write(store, [[key, null]])
      await assert.rejects(start(store), isCorrupt)
    })
  }
  for (const key of ['a!other', 'w!run!0000000009', 'b!run!0000000000000009']) {
    test(`does not open when there is a row ${key} that nobody wrote`, async ({ store }) => {
      const { journal } = await start(store)
      await sleeping({ journal })
      const like = { a: 'a!run', w: 'w!run!0000000004', b: 'b!run!0000000000000000' }
      const from = Object.values(like).find(each => each[0] === key[0]) ?? ''
      const { body } = unseal(from, (await store.get(from))!)
      await write(store, [[key, seal(key, 1, body).bytes]])
      await assert.rejects(start(store), isCorrupt)
    })
  }
  test('does not read past a record that is missing, changed or another’s', async ({ store }) => {
    const { journal } = await start(store)
    await sleeping({ journal })
    const head = await journal.head('run')
    const middle = 'e!run!0000000001'
    const whole = (await store.get(middle))!
    const other = (await store.get('e!run!0000000000'))!
    const body = unseal(middle, whole).body as object
    const unlinked = seal(middle, 1, { ...body, link: 7 }).bytes
    for (const value of [
      null,
      other,
      unlinked,
      whole.map((byte, at) => (at === 40 ? byte ^ 4 : byte)),
    ]) {
      await write(store, [[middle, value]])
      await assert.rejects(collect(journal.records(head!)), isCorrupt)
    }
    await write(store, [[middle, whole]])
    assert.equal((await collect(journal.records(head!))).length, 3)
  })
}

async function sleeping({ journal }: { readonly journal: Journal }): Promise<void> {
  const author = new Author('run')
  await journal.append([author.begin(NOW)])
  await journal.append([author.turn(NOW, { type: 'run.started' })])
  const timer = { type: 'timer.set', id: 't', clock: 'wall', due: NOW + 5 } as const
  const wait = { type: 'wait.set', id: 'w', on: [{ key: 'k', event: 'app' }] } as const
  await journal.append([author.turn(NOW + 1, { type: 'code.woke' }, timer, wait)])
  await journal.change(group => void group.post('run', { type: 'timer.fired', of: 3 }))
}
