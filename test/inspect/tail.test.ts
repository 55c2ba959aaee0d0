import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Commit } from '../../journal/commit.ts'
import { emptyDigest } from '../../journal/digest.ts'
import { seal } from '../../journal/envelope.ts'
import { noSuchRun } from '../../journal/error.ts'
import type { Head } from '../../journal/head.ts'
import type { Follower } from '../../journal/journal.ts'
import { keys } from '../../journal/keys.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import { packedPages, unpackedPage } from '../../src/inspect/packed.ts'
import type { Committed } from '../../src/inspect/source.ts'
import {
  followedCommits,
  followedPacked,
  type Live,
  storedCommits,
} from '../../src/inspect/tail.ts'

/** A journal whose commits hold so many records each, all of the one run that grows. */
class Growing {
  readonly #followers = new Set<Follower>()
  readonly #commits: Commit[] = []
  readonly #untold: { commit: number; added: Parameters<Follower>[1] }[] = []
  readonly #records = new Map<string, StoredRecord>()
  readonly removed = new Set<string>()

  commit(size: number): void {
    this.write(size)
    this.tell()
  }

  /** A commit can be read before it is told of. */
  tell(): void {
    for (const { commit, added } of this.#untold.splice(0)) {
      for (const follower of this.#followers) follower(commit, added, [])
    }
  }

  write(size: number): void {
    const commit = this.#commits.length + 1
    const runs = Array.from({ length: size }, (_, at) => `run-${commit}-${at}`)
    const added = runs.map(run => {
      const record = { run, seq: 0, at: commit, elapsed: commit, entries: [], link: 0, check: 1 }
      this.#records.set(run, record)
      const sealed = seal(keys.record(run, 0), 1, record).bytes
      const workflow = `flow-of-${run}`
      const head = { workflow, status: 'running', createdAt: commit, at: commit } as const
      return { record, workflow, sealed, head: { ...head, seq: 0, link: 1, passive: false } }
    })
    const [active, timers] = [emptyDigest(), emptyDigest()]
    const own = { commit, at: commit, elapsed: commit, prev: Buffer.alloc(0), active, timers }
    this.#commits.push({ ...own, records: runs.map(run => [run, 0, 1] as const) })
    this.#untold.push({ commit, added })
  }

  readonly journal: Live['journal'] = {
    commits: from => this.#from(from),
    record: async run => {
      const record = this.#records.get(run)
      if (record === undefined || this.removed.has(run)) throw noSuchRun(run)
      return record
    },
    head: async run => ({ run, workflow: `flow-of-${run}` }) as Head,
    follow: follower => {
      this.#followers.add(follower)
      return () => void this.#followers.delete(follower)
    },
  }

  get followers(): number {
    return this.#followers.size
  }

  /** As a scan does: what is there when it begins. */
  async *#from(from = 0): AsyncGenerator<Commit> {
    for (const commit of [...this.#commits]) if (commit.commit >= from) yield commit
  }

  told(after: number): string[] {
    return this.#commits
      .filter(({ commit }) => commit > after)
      .flatMap(({ commit, records }) => records.map(([run]) => `${commit} ${run}`))
  }
}

const line = ({ commit, workflow, record }: Committed): string => {
  expect(workflow).toBe(`flow-of-${record.run}`)
  // At the time of its number.
  expect(record).toMatchObject({ seq: 0, at: commit, elapsed: commit, entries: [] })
  return `${commit} ${record.run}`
}

const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('following', () => {
  test('tells every record once, in order, however slow the reader is', async () => {
    const step = fc.oneof(
      fc.record({ write: fc.nat(3) }),
      fc.constantFrom('tell' as const, 'settle' as const),
      fc.constantFrom('read' as const, 'settle' as const),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { maxLength: 6 }),
        fc.array(step, { maxLength: 40, size: 'max' }),
        fc.nat(4),
        fc.constantFrom(1, 3, 100),
        fc.constantFrom(followedCommits, followedPacked),
        async (before, steps, after, behind, follow) => {
          const growing = new Growing()
          for (const size of before) growing.commit(size)
          const stop = new AbortController()
          const live = { journal: growing.journal, wait: async () => {} }
          const pages = follow(live, after, stop.signal, behind)
          const seen: string[] = []
          let reading = Promise.resolve()
          const read = (): void => {
            reading = reading.then(async () => {
              const { value } = await pages.next()
              for (const item of value ?? []) {
                const all = 'packed' in item ? unpackedPage(item) : [item]
                seen.push(...all.map(line))
              }
            })
          }
          for (const each of steps) {
            if (each === 'read') read()
            else if (each === 'settle') await settled()
            else if (each === 'tell') growing.tell()
            else growing.write(each.write)
          }
          growing.tell()
          const all = growing.told(after)
          for (let round = 0; round <= all.length && seen.length < all.length; round++) {
            read()
            await settled()
            await settled()
          }
          expect(seen).toEqual(all)
          stop.abort()
          read()
          await reading
          expect(growing.followers).toBe(0)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('ends when nobody wants more, though nothing comes', async () => {
    const growing = new Growing()
    growing.commit(1)
    const stop = new AbortController()
    const live = { journal: growing.journal, wait: async () => {} }
    const pages = followedCommits(live, 1, stop.signal)
    const next = pages.next()
    await settled()
    expect(growing.followers).toBe(1)
    stop.abort()
    expect(await next).toEqual({ done: true, value: undefined })
    expect(growing.followers).toBe(0)
  })
})

test('records are packed into pages of some size, however large a commit is', () => {
  const told = [3, 0, 40, 2].map((count, at) => ({
    commit: at + 7,
    added: Array.from({ length: count }, (_, place) => {
      const run = `run-${at}-${place}`
      const entries = [{ type: 'run.paused' as const }, { type: 'run.resumed' as const }]
      const record = { run, seq: place, at: at + place, elapsed: 5, entries }
      const body = { ...record, filler: 'x'.repeat(30_000) }
      const sealed = seal(keys.record(run, place), 1, body).bytes
      const workflow = place % 2 === 0 ? 'even' : 'odd'
      const head = { workflow, status: 'running', createdAt: 0, at, seq: 1, link: 0 } as const
      return { record, workflow, sealed, head: { ...head, passive: true } }
    }),
  }))
  const pages = packedPages(told)
  expect(pages.length).toBeGreaterThan(3)
  for (const { packed } of pages) expect(packed.length).toBeLessThan(1 << 19)
  expect(pages.flatMap(unpackedPage)).toEqual(
    told.flatMap(({ commit, added }) =>
      added.map(({ record, workflow }, place) => ({ commit, place, workflow, record })),
    ),
  )
})

test('what was removed since is left out', async () => {
  const growing = new Growing()
  for (const size of [2, 1, 2]) growing.commit(size)
  growing.removed.add('run-1-0').add('run-2-0')
  const seen: string[] = []
  for await (const page of storedCommits(growing.journal, 0)) seen.push(...page.map(line))
  expect(seen).toEqual(['1 run-1-1', '3 run-3-0', '3 run-3-1'])
})
