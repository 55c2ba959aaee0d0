import assert from 'node:assert/strict'
import type { Record } from '../../journal/entry.ts'
import type { Journal } from '../../journal/journal.ts'
import { removeRuns, trimCommits } from '../../journal/upkeep.ts'
import { verify } from '../../journal/verify.ts'
import { Author, bytes } from './author.ts'
import { collect, isCorrupt, mustChain, NOW, start, startAgain, withoutLinks } from './journals.ts'
import { EVERYTHING } from './rows.ts'
import { type Framework, type OpenStore, testOn } from './subject.ts'

export function appends(framework: Framework, open: OpenStore): void {
  const test = testOn(framework, open)
  test('reads back what was appended, chained record by record', async subject => {
    const { journal } = await start(subject.store)
    const author = new Author('run')
    const records: Record[] = []
    for (let turn = 0; turn < 6; turn++) {
      const append = turn === 0 ? author.begin(NOW) : author.next(turn - 1, NOW + turn)
      records.push(append!.record)
      await journal.append([append!])
    }
    await mustRead(journal, records)
    await mustRead((await startAgain(journal, subject)).journal, records)
  })
  test('commits what comes in one tick together', async ({ store }) => {
    const { journal } = await start(store)
    const authors = Array.from({ length: 50 }, (_, at) => new Author(`run-${at}`))
    const { commit } = journal.tip
    await Promise.all(authors.map(author => journal.append([author.begin(NOW)])))
    assert.equal(journal.tip.commit, commit + 1)
    const [row] = await collect(journal.commits(commit + 1))
    assert.deepEqual(
      row?.records.map(([run, seq]) => [run, seq]),
      authors.map(({ ledger }) => [ledger.run, 0]),
    )
  })
  test('numbers its commits densely and chains them', async subject => {
    const { journal } = await start(subject.store)
    for (let at = 0; at < 5; at++) await journal.append([new Author(`run-${at}`).begin(NOW + at)])
    const { store } = await startAgain(journal, subject)
    await mustChain(store, 7)
  })
  test('counts time forward only', async ({ store }) => {
    const { journal } = await start(store)
    await journal.append([new Author('late').begin(NOW + 9), new Author('early').begin(NOW + 2)])
    await journal.append([new Author('earlier').begin(NOW - 5)])
    assert.deepEqual(
      (await collect(journal.commits())).map(({ at }) => at - NOW),
      [0, 9, 9],
    )
  })
}

export function indexes(framework: Framework, open: OpenStore): void {
  const test = testOn(framework, open)
  test('lists runs by whether they have ended, and open timers by due time', async subject => {
    const { journal } = await start(subject.store)
    const [sleeper, ender] = [new Author('sleeper'), new Author('ender')]
    for (const author of [sleeper, ender]) {
      await journal.append([author.begin(NOW)])
      await journal.append([author.turn(NOW, { type: 'run.started' })])
    }
    const timer = { type: 'timer.set', id: 'nap', clock: 'wall' } as const
    const set = [30, 10, 20].map(ms => ({ ...timer, due: NOW + ms }))
    await journal.append([sleeper.turn(NOW + 2, { type: 'code.woke' }, ...set)])
    await journal.append([ender.turn(NOW + 3, { type: 'code.woke' }, ...set)])
    await journal.append([sleeper.turn(NOW + 10, { type: 'timer.fired', of: 4 })])
    const output = bytes('done')
    await journal.append([
      ender.turn(NOW + 4, { type: 'code.woke' }, { type: 'run.completed', output }),
    ])
    const late = { type: 'step.late', of: 1, attempt: 0, ok: true, value: output } as const
    await journal.append([ender.turn(NOW + 8, late)])
    const { journal: again } = await startAgain(journal, subject)
    assert.deepEqual(
      (await collect(again.heads('active'))).map(({ run }) => run),
      ['sleeper'],
    )
    const [ended] = await collect(again.heads('ended'))
    assert.deepEqual(
      [ended?.run, ended?.status, ended?.outcome],
      ['ender', 'completed', { seq: 6, at: NOW + 4, elapsed: NOW / 2 + 2 }],
    )
    const row = { elapsed: NOW / 2 + 2, run: 'ender' }
    assert.deepEqual(await collect(again.endedBefore(row.elapsed + 1, 10)), [row])
    assert.deepEqual(await collect(again.endedBefore(row.elapsed, 10)), [])
    const due = (ms: number, seq: number) => ({ clock: 'wall', due: NOW + ms, run: 'sleeper', seq })
    assert.deepEqual(await collect(again.timers('wall', 0, NOW + 99)), [due(20, 5), due(30, 3)])
    assert.deepEqual(await collect(again.timers('wall', NOW + 21, NOW + 30)), [])
    assert.deepEqual(await collect(again.timers('elapsed', 0, NOW + 99)), [])
    assert.deepEqual([again.tip.active.count, again.tip.timers.count], [1, 2])
  })
  test('leaves nothing of runs that are removed but the commit that says so', async subject => {
    const { journal } = await start(subject.store)
    const ended: { run: string; elapsed: number }[] = []
    for (const run of ['kept', 'one', 'two']) {
      const author = new Author(run)
      await journal.append([author.begin(NOW)])
      await journal.append([author.turn(NOW, { type: 'run.started' })])
      const timer = { type: 'timer.set', id: 't', clock: 'wall', due: NOW + 5 } as const
      await journal.append([author.turn(NOW + 1, { type: 'code.woke' }, timer)])
      await journal.append([
        author.turn(
          NOW + 2,
          { type: 'run.cancel_requested', reason: '' },
          { type: 'run.cancelled', reason: '' },
        ),
      ])
      if (run !== 'kept') ended.push({ run, elapsed: NOW / 2 + 1 })
    }
    assert.equal(await removeRuns(journal, ended), 8)
    const { journal: again, store } = await startAgain(journal, subject)
    const keys: string[] = []
    for await (const chunk of store.scan(EVERYTHING)) for (const [key] of chunk) keys.push(key)
    assert.deepEqual(
      keys.filter(key => /one|two/.test(key)),
      [],
    )
    assert.equal((await collect(again.records((await again.head('kept'))!))).length, 4)
    assert.deepEqual(
      (await collect(again.commits())).flatMap(({ removed }) => removed ?? []),
      ['one', 'two'],
    )
    await mustChain(store, again.tip.commit)
  })
  test('keeps the commits whose inputs wait, and counts the events of those it trims', async subject => {
    const { journal } = await start(subject.store)
    const body = { name: 'app', id: 'e', ts: 1, data: bytes('data') }
    await journal.change(group => void group.addEvent(body, { at: NOW, elapsed: NOW }, false))
    await journal.change(group => void group.post('run', { type: 'timer.fired', of: 1 }))
    for (let commit = 0; commit < 3; commit++) await journal.change(() => {})
    assert.equal(await trimCommits(journal, 9), 2)
    assert.deepEqual(await collect(verify(subject.store)), [])
    await journal.change(group => group.take('run', 0))
    assert.equal(await trimCommits(journal, 9), 5)
    const { store } = await startAgain(journal, subject)
    assert.deepEqual(await collect(verify(store)), [])
  })
}

async function mustRead(journal: Journal, records: readonly Record[]): Promise<void> {
  const head = await journal.head('run')
  const found = await collect(journal.records(head!))
  assert.deepEqual(found.map(withoutLinks), records)
  assert.deepEqual(
    found.map(({ link }) => link),
    [0, ...found.slice(0, -1).map(({ check }) => check)],
  )
  const { seq, entries } = records.at(-1)!
  assert.deepEqual([head?.link, head?.seq], [found.at(-1)?.check, seq + entries.length])
  assert.deepEqual(await journal.record('run', records[1]!.seq), found[1])
  await assert.rejects(journal.record('run', records[1]!.seq + 1), isCorrupt)
  assert.equal(await journal.head('ru'), undefined)
}
