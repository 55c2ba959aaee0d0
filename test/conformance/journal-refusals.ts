import assert from 'node:assert/strict'
import { JournalError } from '../../journal/error.ts'
import type { Journal } from '../../journal/journal.ts'
import { startJournal } from '../../journal/start.ts'
import { removeRuns } from '../../journal/upkeep.ts'
import { Author } from './author.ts'
import { collect, NOW, start, startAgain } from './journals.ts'
import { Lever } from './lever.ts'
import { type Framework, type OpenStore, type StoreSubject, testOn } from './subject.ts'

/** Group commit, failed writes and closing: a journal on a store that can be held up. */
export function refuses(framework: Framework, open: OpenStore): void {
  const test = testOn(framework, open)
  test('gathers what comes during a write into the next one', async ({ store }) => {
    const { journal, lever } = await levered(store)
    const release = lever.hold()
    const order: string[] = []
    const first = begin(journal, 'first').then(() => order.push('first'))
    await turnOver()
    const others = ['a', 'b', 'c'].map(run => begin(journal, run).then(() => order.push(run)))
    const all = journal.append([]).then(() => order.push('all'))
    await turnOver()
    assert.deepEqual([lever.writes, order], [1, []])
    release()
    await Promise.all([first, all, ...others])
    assert.deepEqual([lever.writes, order[0], order.at(-1)], [2, 'first', 'all'])
    const runs = (await collect(journal.commits(2))).map(({ records }) =>
      records.map(([run]) => run),
    )
    assert.deepEqual(runs, [['first'], ['a', 'b', 'c']])
  })
  for (const [what, written] of [
    ['was refused', false],
    ['was reported as failed although it is there', true],
  ] as const) {
    test(`accepts nothing more once a write ${what}`, async subject => {
      const { journal, lever } = await levered(subject.store)
      await begin(journal, 'acknowledged')
      const release = lever.hold()
      const inFlight = begin(journal, 'in flight')
      await turnOver()
      const gathered = begin(journal, 'gathered')
      const fault = new Error('no space left')
      if (written) lever.after = throwing(fault)
      release(written ? undefined : fault)
      await assert.rejects(inFlight, { code: 'INDETERMINATE' })
      await assert.rejects(gathered, { code: 'NOT_ACCEPTED' })
      lever.after = () => {}
      await assert.rejects(begin(journal, 'later'), { code: 'NOT_ACCEPTED' })
      await assert.rejects(removeRuns(journal, []), { code: 'NOT_ACCEPTED' })
      await assert.rejects(
        journal.change(() => {}),
        { code: 'NOT_ACCEPTED' },
      )
      assert.deepEqual([journal.failure?.code, journal.failure?.cause], ['JOURNAL_FAILED', fault])
      assert.deepEqual([lever.writes, lever.discarded], [2, 1])
      const { journal: again } = await startAgain(journal, subject)
      const runs = (await collect(again.heads('active'))).map(({ run }) => run)
      assert.deepEqual(runs, written ? ['acknowledged', 'in flight'] : ['acknowledged'])
      await begin(again, 'later')
    })
  }
  test('says itself why, if the store knows', async ({ store }) => {
    const { journal, lever } = await levered(store)
    const fenced = new JournalError('JOURNAL_FENCED', 'Another has it.', { hint: 'Find it.' })
    lever.after = throwing(fenced)
    await assert.rejects(begin(journal, 'run'), { code: 'INDETERMINATE', cause: fenced })
    assert.equal(journal.failure, fenced)
  })
  closes(framework, open)
}

function closes(framework: Framework, open: OpenStore): void {
  const test = testOn(framework, open)
  test('finishes what is under way when it is closed, and refuses what comes then', async ({
    store,
  }) => {
    const told: string[] = []
    const lever = new Lever(store)
    const { journal } = await startJournal(lever, {
      durability: 'fsync',
      now: NOW,
      onCommit: async ({ commit }) => void told.push(`commit ${commit}`),
      onClose: async ({ commit }) => void told.push(`close ${commit} ${lever.closed}`),
    })
    const release = lever.hold()
    const first = begin(journal, 'first')
    await turnOver()
    const second = begin(journal, 'second')
    const closing = journal.close()
    await assert.rejects(begin(journal, 'third'), error => {
      assert.ok(error instanceof JournalError)
      assert.equal(error.code, 'NOT_ACCEPTED')
      assert.equal((error.cause as JournalError).code, 'JOURNAL_CLOSED')
      return true
    })
    await turnOver()
    assert.equal(lever.closed, false)
    release()
    await Promise.all([first, second, closing])
    assert.deepEqual(told, ['commit 1', 'commit 2', 'commit 3', 'close 3 false'])
    assert.equal(lever.closed, true)
  })
  test('says nothing of a last commit when it is closed after a failure', async ({ store }) => {
    const told: number[] = []
    const lever = new Lever(store)
    const onClose = async ({ commit }: { commit: number }) => void told.push(commit)
    const { journal } = await startJournal(lever, { durability: 'fsync', now: NOW, onClose })
    lever.before = throwing(new Error('no space left'))
    await assert.rejects(begin(journal, 'run'), { code: 'INDETERMINATE' })
    await journal.close()
    assert.deepEqual([told, lever.closed], [[], true])
  })
}

async function levered(store: StoreSubject['store']): Promise<{ journal: Journal; lever: Lever }> {
  const lever = new Lever(store)
  const { journal } = await start(lever)
  lever.writes = 0
  return { journal, lever }
}

const begin = (journal: Journal, run: string): Promise<void> =>
  journal.append([new Author(run).begin(NOW)])

const throwing = (error: Error) => (): never => {
  throw error
}

const turnOver = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
