import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readManifest } from '../../../journal/leveldb/manifest.ts'
import { preflight } from '../../../journal/leveldb/preflight.ts'
import { scanTable } from '../../../journal/leveldb/table-scan.ts'
import { speakerFor } from './second-process.ts'
import { readStore, scratch, snapshot } from './store.ts'

const ROUNDS = Math.ceil(Number(process.env.PERDURE_ROUNDS ?? 300) / 50)
const dirs = scratch()

/*
 * A writer that flushes, compacts and logs in every size is killed again and again at the same
 * store, also while it opens it. What it leaves is never mistaken for damage, and holds all that
 * it acknowledged.
 */
test(`a killed writer leaves a store that passes (${ROUNDS} kills)`, async () => {
  const dir = await dirs()
  const outcomes = { torn: 0, clean: 0 }
  let acknowledged = 0
  await fc.assert(
    fc.asyncProperty(fc.noBias(fc.nat(40)), async lines => {
      const writer = speakerFor(WRITER, dir, String(acknowledged))
      for (let line = await writer.line(), left = lines; ; line = await writer.line()) {
        acknowledged = Math.max(acknowledged, Number(line))
        if (left-- <= 0) break
      }
      writer.stop('SIGKILL')
      await writer.ended
      const { created, tornTail } = await preflight(dir)
      if (created) {
        // Killed before there was a store.
        expect(acknowledged).toBe(0)
        return
      }
      outcomes[tornTail === undefined ? 'clean' : 'torn']++
      for (const table of (await readManifest(dir)).tables) {
        const name = `${String(table.number).padStart(6, '0')}.ldb`
        expect(await scanTable(join(dir, name), table)).toEqual([])
      }
      const content = await readStore(await snapshot(dir, await dirs('copy')))
      const head = Number(content.get('head')?.toString() ?? 0)
      expect(head).toBeGreaterThanOrEqual(acknowledged)
      acknowledged = head
    }),
    { numRuns: ROUNDS, endOnFailure: true },
  )
  console.log(`kills: ${JSON.stringify(outcomes)}, ${acknowledged} batches acknowledged`)
})

const WRITER = `
  import { Level } from 'level'
  const [dir, from] = process.argv.slice(1)
  const db = new Level(dir, { valueEncoding: 'buffer', writeBufferSize: 65536, blockSize: 1024 })
  console.log(from)
  await db.open()
  for (let n = Number(from) + 1; ; n++) {
    const batch = db.batch()
    for (let at = 0; at < 3; at++) {
      const bytes = Buffer.alloc(1 + (n * 7919 + at * 104729) % 30000, String(n * 31 + at))
      batch.put('key-' + (n * 7 + at * 13) % 97, bytes)
    }
    batch.put('head', Buffer.from(String(n)))
    await batch.write({ sync: n % 3 === 0 })
    console.log(n)
  }
`
