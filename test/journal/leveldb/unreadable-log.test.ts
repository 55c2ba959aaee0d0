import { chmod, chown, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { speakerFor } from './second-process.ts'
import { filesOf, openStore, scratch } from './store.ts'

const dirs = scratch()
const NOBODY = 65_534

/*
 * A log that cannot be opened (no permission, too many open files) is to LevelDB as if it were empty:
 * it opens without a word and deletes it.
 */
test.skipIf(process.platform === 'win32')(
  'a log that may not be read is refused, where LevelDB alone deletes it',
  async () => {
    const dir = await dirs()
    const db = await openStore(dir)
    for (let n = 0; n < 20; n++)
      await db.put(`key-${n}`, Buffer.from('acknowledged'), { sync: true })
    await db.close()
    const [log] = await filesOf(dir, /\.log$/)
    await chmod(join(dir, log!), 0)
    // Root may read anything, so there the other process becomes somebody else first.
    if (process.getuid?.() === 0) {
      for (const name of await readdir(dir)) await chown(join(dir, name), NOBODY, NOBODY)
      await chown(dir, NOBODY, NOBODY)
    }
    const url = new URL('../../../journal/leveldb/preflight.ts', import.meta.url).href
    const reader = speakerFor(READER, url, dir, String(NOBODY))
    expect(JSON.parse(await reader.line())).toEqual({ code: 'JOURNAL_UNUSABLE', cause: 'EACCES' })
    expect(await filesOf(dir, /\.log$/)).toEqual([log])
    reader.tell('and now without looking')
    expect(JSON.parse(await reader.line())).toEqual({ keysLeft: 0 })
    expect(await filesOf(dir, /\.log$/)).not.toContain(log)
    await reader.ended
  },
)

const READER = `
  import { once } from 'node:events'
  import { Level } from 'level'
  const [url, dir, nobody] = process.argv.slice(1)
  const { preflight } = await import(url)
  if (process.getuid() === 0) {
    process.setgid(Number(nobody))
    process.setuid(Number(nobody))
  }
  const outcome = await preflight(dir)
    .catch(error => ({ code: error.code, cause: error.cause?.code }))
  console.log(JSON.stringify(outcome))
  await once(process.stdin, 'data')
  process.stdin.destroy()
  const db = new Level(dir)
  console.log(JSON.stringify({ keysLeft: (await db.keys().all()).length }))
  await db.close()
`
