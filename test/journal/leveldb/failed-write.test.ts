import { execFile, execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { preflight } from '../../../journal/leveldb/preflight.ts'
import { readStore, refusal, scratch, snapshot } from './store.ts'

const dirs = scratch()
const root = fileURLToPath(new URL('../../..', import.meta.url))

const LIFTER = 'prlimit'
const reason = whyNot()
if (reason !== undefined) console.log(`No failing disk here, so no test of one: ${reason}`)

/*
 * The disk fails one write of the log in the middle (a limit on file size stands in for a full disk:
 * the same short write, EFBIG for ENOSPC) and is well again from then on.
 */
test.skipIf(reason !== undefined)(
  'after one failed write LevelDB acknowledges writes that it loses, which preflight shows',
  async () => {
    const dir = await dirs()
    const { acknowledged, failed, lost } = await run(dir, 'carry on')
    expect(failed).toBe(1)
    expect(acknowledged).toBeGreaterThan(300)
    expect(lost).toBeGreaterThan(100)
    const error = await refusal(preflight(`${dir}/before`))
    expect(error.code).toBe('JOURNAL_CORRUPT')
    expect(error.message).toContain('.log, byte')
  },
)

test.skipIf(reason !== undefined)(
  'who stops at the first failed write and opens again has lost nothing',
  async () => {
    const dir = await dirs()
    const { acknowledged, failed, lost } = await run(dir, 'stop')
    expect({ failed, lost }).toEqual({ failed: 1, lost: 0 })
    expect(acknowledged).toBeGreaterThan(50)
    expect((await preflight(`${dir}/before`)).created).toBe(false)
    const copy = await snapshot(`${dir}/before`, await dirs('copy'))
    expect((await readStore(copy)).size).toBeGreaterThanOrEqual(acknowledged)
  },
)

interface Outcome {
  readonly acknowledged: number
  readonly failed: number
  readonly lost: number
}

/** `dir/store` after reopening, and `dir/before` as it was when closed. */
async function run(dir: string, then: 'carry on' | 'stop'): Promise<Outcome> {
  const { stdout } = await promisify(execFile)(
    'sh',
    [
      '-c',
      'ulimit -S -f 128; exec "$0" --input-type=module --eval "$1" "$2" "$3"',
      process.execPath,
      WRITER,
      dir,
      then,
    ],
    { cwd: root },
  )
  return JSON.parse(stdout)
}

const WRITER = `
  import { execFileSync } from 'node:child_process'
  import { cpSync } from 'node:fs'
  import { Level } from 'level'
  const [dir, then] = process.argv.slice(1)
  process.on('SIGXFSZ', () => {})
  const store = dir + '/store'
  const options = { valueEncoding: 'buffer', compression: false }
  const db = new Level(store, options)
  await db.open()
  const acknowledged = []
  let failed = 0
  for (let n = 0; n < 400; n++) {
    const key = 'n' + String(n).padStart(6, '0')
    try {
      await db.put(key, Buffer.alloc(1000, n), { sync: true })
      acknowledged.push(key)
    } catch {
      failed++
      execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited'])
      if (then === 'stop') break
    }
  }
  await db.close()
  cpSync(store, dir + '/before', { recursive: true })
  const again = new Level(store, options)
  const values = await again.getMany(acknowledged)
  await again.close()
  const lost = values.filter(value => value === undefined).length
  console.log(JSON.stringify({ acknowledged: acknowledged.length, failed, lost }))
`

function whyNot(): string | undefined {
  if (process.platform !== 'linux') return `no limit can be lifted again on ${process.platform}`
  try {
    execFileSync(LIFTER, ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return `${LIFTER} (util-linux) is not installed`
  }
}
