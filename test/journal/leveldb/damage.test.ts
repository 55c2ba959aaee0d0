import { readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { readManifest } from '../../../journal/leveldb/manifest.ts'
import { preflight } from '../../../journal/leveldb/preflight.ts'
import { scanTable } from '../../../journal/leveldb/table-scan.ts'
import { FIRST } from './fragment.ts'
import { digestOf, filesOf, openStore, readStore, scratch, snapshot, write } from './store.ts'

const ROUNDS = Number(process.env.PERDURE_ROUNDS ?? 300)
const dirs = scratch()

interface Store {
  readonly dir: string
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[]
  /** Digests of the content after each of the last writes, and at the end. */
  readonly prefixes: ReadonlySet<string>
  readonly whole: string
}

let stores: readonly Store[]
let work: string

beforeAll(async () => {
  work = await dirs('work')
  const closed = await dirs('closed')
  const content = new Map<string, Buffer>()
  const digests: string[] = []
  for (const [from, to] of [
    [1, 120],
    [120, 200],
    [200, 230],
  ] as const) {
    const db = await openStore(closed)
    digests.push(...(await write(db, content, { from, to, valueBytes: 900 })))
    await db.close()
  }
  const split = await splitLog(await snapshot(closed, await dirs('split')))
  const splitWhole = digestOf(await readStore(await snapshot(split, await dirs('read'))))
  stores = [
    await storeOf(closed, new Set(digests), digests.at(-1)!),
    await storeOf(split, new Set(digests), splitWhole),
  ]
})

async function storeOf(dir: string, prefixes: Store['prefixes'], whole: string): Promise<Store> {
  const names = (await readdir(dir)).filter(name => !name.startsWith('LO'))
  const files = names.map(async name => ({ name, bytes: await readFile(join(dir, name)) }))
  return { dir, files: await Promise.all(files), prefixes, whole }
}

/** As if killed after changing to a new log: the first block's records, in two logs. */
async function splitLog(dir: string): Promise<string> {
  const [log] = await filesOf(dir, /\.log$/)
  const bytes = await readFile(join(dir, log!))
  const borders = [0]
  for (let at = 0; at + 7 <= 32_768 && bytes[at + 6] === 1; borders.push(at)) {
    at += 7 + bytes.readUInt16LE(at + 4)
  }
  const middle = borders[borders.length >> 1]!
  await writeFile(join(dir, log!), bytes.subarray(0, middle))
  await writeFile(join(dir, '000900.log'), bytes.subarray(middle, borders.at(-1)))
  return dir
}

// Evenly spread, unlike fc.double, which favours the neighbourhood of zero.
const spot = fc.noBias(fc.integer({ min: 0, max: 2 ** 20 - 1 })).map(at => at / 2 ** 20)
const file = fc.noBias(fc.nat(1_000))
const damages = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('flip'), file, at: spot, bit: fc.nat(7) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut'), file, at: spot }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('zero'), file, at: spot, to: spot }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('swap files'), file, other: file }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('swap pages'),
      file,
      at: spot,
      to: spot,
      page: fc.constantFrom(512, 4096, 32_768),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('drop page'),
      file,
      at: spot,
      page: fc.constantFrom(512, 4096, 32_768),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete'), file }) },
)
type Damage = typeof damages extends fc.Arbitrary<infer Value> ? Value : never

test(`whatever is damaged, it is found, or nothing is wrong (${ROUNDS} rounds)`, async () => {
  const outcomes = { refused: 0, found: 0, whole: 0, prefix: 0 }
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(0, 1), damages, async (which, damage) => {
      const store = stores[which]!
      await restore(store)
      holds = undefined
      const tail = await inflict(store, damage)
      const outcome = await judge(store)
      if (outcome === 'refused' || outcome === 'found')
        holds = { store, changed: hit(store, damage) }
      if (outcome === 'prefix')
        expect(tail, 'only damage to the last record may pass for a cut').toBe(true)
      outcomes[outcome]++
    }),
    { numRuns: ROUNDS },
  )
  console.log(`damage: ${JSON.stringify(outcomes)}, silently wrong: 0`)
  expect(outcomes.refused).toBeGreaterThan(ROUNDS / 4)
  expect(outcomes.found).toBeGreaterThan(0)
})

/** Whose files are in `work`, and which of them are not as they were. */
let holds: { readonly store: Store; readonly changed: readonly string[] } | undefined

async function restore(store: Store): Promise<void> {
  if (holds?.store === store) {
    for (const name of holds.changed) await rm(join(work, name), { recursive: true, force: true })
    for (const { name, bytes } of store.files) {
      if (holds.changed.includes(name)) await writeFile(join(work, name), bytes)
    }
    return
  }
  for (const name of await readdir(work)) await rm(join(work, name), { recursive: true })
  await snapshot(store.dir, work)
}

/** Whether the damage may be taken for a last write that was cut short. */
async function inflict({ files }: Store, damage: Damage): Promise<boolean> {
  const { name, bytes } = files[damage.file % files.length]!
  const path = join(work, name)
  const logs = files.filter(file => file.name.endsWith('.log'))
  const last = name === logs.at(-1)?.name ? lastRecordIn(bytes) : Number.POSITIVE_INFINITY
  const offset = 'at' in damage ? Math.floor(damage.at * bytes.length) : 0
  if ('bit' in damage) {
    const changed = Buffer.from(bytes)
    changed[offset]! ^= 1 << damage.bit
    await writeFile(path, changed)
    return false
  }
  if ('other' in damage) {
    const other = join(work, files[damage.other % files.length]!.name)
    await rename(path, `${path}.moved`)
    if (other !== path) await rename(other, path)
    await rename(`${path}.moved`, other)
    return false
  }
  if ('page' in damage) return (await reorder(path, bytes, damage)) > last
  if ('to' in damage) {
    const end = Math.floor(damage.to * bytes.length)
    const [from, to] = [Math.min(offset, end), Math.max(offset, end)]
    await writeFile(path, Buffer.from(bytes).fill(0, from, to))
    return to > last
  }
  if (damage.kind === 'cut') {
    await truncate(path, offset)
    return last < bytes.length
  }
  await rm(path)
  // That the newest of two logs is gone, only the anchor can know.
  return last < bytes.length && logs.length > 1
}

const hit = ({ files }: Store, damage: Damage): string[] =>
  [damage.file, 'other' in damage ? damage.other : damage.file].map(
    index => files[index % files.length]!.name,
  )

/** Swaps two aligned pages, or leaves one out; answers where the last changed one ends. */
async function reorder(
  path: string,
  bytes: Buffer,
  damage: { at: number; to?: number; page: number },
): Promise<number> {
  const pages: Buffer[] = []
  for (let at = 0; at < bytes.length; at += damage.page) {
    pages.push(bytes.subarray(at, at + damage.page))
  }
  const first = Math.floor(damage.at * pages.length)
  const second = damage.to === undefined ? first : Math.floor(damage.to * pages.length)
  if (damage.to === undefined) pages.splice(first, 1)
  else [pages[first], pages[second]] = [pages[second]!, pages[first]!]
  await writeFile(path, Buffer.concat(pages))
  return (Math.max(first, second) + 1) * damage.page
}

/** Where the last record of a whole log starts. */
function lastRecordIn(log: Buffer): number {
  let last = 0
  for (let at = 0; at + 7 <= log.length; ) {
    if (32_768 - (at % 32_768) < 7) at += 32_768 - (at % 32_768)
    if (log[at + 6]! <= FIRST) last = at
    at += 7 + log.readUInt16LE(at + 4)
  }
  return last
}

async function judge({
  whole,
  prefixes,
}: Store): Promise<'refused' | 'found' | 'whole' | 'prefix'> {
  try {
    await preflight(work)
  } catch {
    return 'refused'
  }
  for (const table of (await readManifest(work)).tables) {
    const path = join(work, `${String(table.number).padStart(6, '0')}.ldb`)
    if ((await scanTable(path, table)).length > 0) return 'found'
  }
  const digest = digestOf(await readStore(work))
  if (digest === whole) return 'whole'
  expect(prefixes.has(digest), 'content that never was').toBe(true)
  return 'prefix'
}
