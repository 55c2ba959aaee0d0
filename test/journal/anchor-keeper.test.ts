import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AnchorKeeper, isUnanchored } from '../../journal/anchor-keeper.ts'
import { emptyDigest } from '../../journal/digest.ts'
import { readAnchor } from '../../journal/leveldb/anchor.ts'
import type { Tip } from '../../journal/tip.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'perdure-anchor-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const digest = emptyDigest()
const tip = (commit: number, at: number, elapsed: number): Tip => ({
  ...{ epoch: 1, commit, chain: Buffer.alloc(16), at, elapsed },
  ...{ active: digest, timers: digest, waits: digest, inbox: digest, schedules: digest },
  ...{ admission: digest, limits: digest },
  counts: { inputs: 0, events: 0, queued: 0 },
})

test('the first anchor is waited for, the others are not', async () => {
  const keeper = new AnchorKeeper(dir, true)
  await keeper.keep(tip(1, 0, 0))
  expect(await readAnchor(dir)).toMatchObject({ commit: 1, clean: false })
  expect(keeper.keep(tip(2, 2_000, 2_000))).toBeUndefined()
  await keeper.close(tip(2, 2_000, 2_000))
  expect(new AnchorKeeper(dir, false).keep(tip(3, 0, 0))).toBeUndefined()
})

test('anchors go on while recorded time stands still, because the wall clock was set back', async () => {
  const keeper = new AnchorKeeper(dir, true)
  for (const elapsed of [0, 999, 1_000, 2_000]) void keeper.keep(tip(1, 5, elapsed))
  await keeper.close(tip(1, 5, 2_000))
  const turns = await Promise.all(
    (await readdir(dir)).map(async name =>
      /"turn":(\d+)/.exec(await readFile(join(dir, name), 'utf8')),
    ),
  )
  expect(turns.map(turn => Number(turn?.[1])).sort()).toEqual([3, 4])
})

test('one is missed only if some opening has got beyond its first commit', () => {
  const anchor = { epoch: 1, commit: 1, chain: '', clean: false }
  expect(isUnanchored(undefined, undefined)).toBe(false)
  expect(isUnanchored(tip(1, 0, 0), undefined)).toBe(false)
  expect(isUnanchored({ ...tip(3, 0, 0), epoch: 3 }, undefined)).toBe(false)
  expect(isUnanchored({ ...tip(4, 0, 0), epoch: 3 }, undefined)).toBe(true)
  expect(isUnanchored({ ...tip(4, 0, 0), epoch: 3 }, anchor)).toBe(false)
})
