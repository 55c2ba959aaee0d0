import { decodeValue } from '../../journal/codec/decode.ts'
import { dump } from '../../journal/dump.ts'
import { parseKey, ranges } from '../../journal/keys.ts'
import { load } from '../../journal/load.ts'
import { openReader } from '../../journal/open-reader.ts'
import { openRecord } from '../../journal/reader.ts'
import type { Store } from '../../journal/store.ts'
import { type Figure, median } from './figure.ts'
import { inDirectory } from './place.ts'

const ENTRIES = Number(process.env.PERDURE_ENTRIES ?? 100_000)
const ROUNDS = 5
const STEPS = 8
/** Of a run: scheduled, started, each step asked for and answered, completed. */
const PER_RUN = 3 + 2 * STEPS

const at = Date.UTC(2030, 0, 1)
const line = (facts: object): string => `${JSON.stringify(facts)}\n`

/** A dump of format 1, which has no hash, of runs with some steps. */
function* made(runs: number): Generator<string> {
  const journal = { journal: 'bench', createdAt: at, durability: 'os', epoch: 1, commit: 9, at }
  yield line({ kind: 'header', format: 1, ...journal })
  for (let number = 0; number < runs; number++) {
    const run = `run_${String(number).padStart(9, '0')}`
    let seq = 0
    let text = ''
    const entry = (type: string, facts: object): void => {
      text += line({ kind: 'entry', run, seq: seq++, at, elapsed: at, type, ...facts })
    }
    entry('run.scheduled', { workflow: 'bench', data: { order: number }, seed: `bench/9/${run}` })
    entry('run.started', {})
    for (let step = 0; step < STEPS; step++) {
      entry('step.scheduled', { id: `step-${step}` })
      const value = { ok: true, id: `${run}-${step}`, amount: 12.5, lines: [1, 2, 3] }
      entry('step.succeeded', { of: seq - 1, attempt: 0, value })
    }
    entry('run.completed', { output: { total: number } })
    yield text
  }
  yield line({ kind: 'trailer', runs, entries: runs * PER_RUN })
}

/** Seconds of one core. */
async function cpu(work: () => Promise<unknown>): Promise<number> {
  const begun = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / 1e6
}

/** Reads the records, decodes what is in them, and prints it: nothing else. */
async function floor(store: Store): Promise<number> {
  let length = 0
  for await (const chunk of store.scan(ranges.records())) {
    let text = ''
    for (const [key, value] of chunk) {
      const { run, seq } = parseKey.record(key)
      const { at, elapsed, entries } = openRecord(key, value)
      for (const entry of entries) text += line({ run, seq, at, elapsed, ...plain(entry) })
    }
    length += text.length
  }
  return length
}

const plain = (entry: object): object =>
  Object.fromEntries(
    Object.entries(entry).map(([name, fact]) => [
      name,
      fact instanceof Uint8Array ? decodeValue(fact) : fact,
    ]),
  )

/** How fast a journal becomes a dump, and a dump a journal. */
export function dumpBench(): Promise<Figure[]> {
  return inDirectory(async path => {
    const runs = Math.ceil(ENTRIES / PER_RUN)
    const loading = await cpu(() => load(made(runs), { into: path, now: 0 }))
    const opened = await openReader(path)
    const floors: number[] = []
    const dumps: number[] = []
    let most = 0
    for (let round = 0; round <= ROUNDS; round++) {
      const least = await cpu(() => floor(opened.store))
      const took = await cpu(async () => {
        for await (const piece of dump(opened)) most = Math.max(most, piece.length)
      })
      if (round > 0) floors.push(least)
      if (round > 0) dumps.push(took)
    }
    await opened.close()
    const entries = runs * PER_RUN
    const dumped = median(dumps)
    const ratio = median(floors) / dumped
    return [
      { name: 'entries dumped', value: entries / dumped, unit: '/s', ratio, goal: '>= 0.4' },
      { name: '  at once, at most', value: most, unit: 'characters' },
      { name: 'entries loaded', value: entries / loading, unit: '/s' },
    ]
  })
}
