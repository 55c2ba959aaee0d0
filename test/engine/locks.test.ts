import { readFile, symlink } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Engine, openEngine, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import { speakerFor } from '../journal/leveldb/second-process.ts'
import { refusal, scratch } from '../journal/leveldb/store.ts'
import { secondCopy } from './second-copy.ts'

const dirs = scratch()

const echo = workflow({ id: 'echo' }, async ({ event, step }: WorkflowContext<string>) =>
  step.run('say', () => event.data),
)

const open = (path: string): Promise<Engine> => openEngine({ path, workflows: [echo] })

async function mustWork(engine: Engine): Promise<void> {
  const run = await engine.start(echo, 'still here')
  expect(await run.result()).toBe('still here')
}

const HERE = { code: 'JOURNAL_LOCKED', holder: process.pid }

describe('an engine holds its directory', () => {
  test('by every name it has', async () => {
    const dir = join(await dirs(), 'journal')
    await using engine = await open(dir)
    const link = join(await dirs('links'), 'link')
    await symlink(dir, link)
    for (const name of [dir, `${dir}/.`, `${dir}/../${basename(dir)}`, relative('', dir), link]) {
      const error = await refusal(open(name))
      expect({ code: error.code, holder: error.facts.holder }).toMatchObject({
        code: 'JOURNAL_LOCKED',
        holder: { pid: process.pid, thread: 0 },
      })
      expect(error.message).toContain(`process ${process.pid}`)
      await mustWork(engine)
    }
  })

  test('against a second copy of the package', async () => {
    const dir = await dirs()
    const copy = await secondCopy()
    expect(copy.openEngine).not.toBe(openEngine)
    const engine = await open(dir)
    const refused = copy.openEngine({ path: dir, workflows: [] })
    await expect(refused).rejects.toMatchObject({
      code: 'JOURNAL_LOCKED',
      facts: { holder: { pid: process.pid } },
    })
    await mustWork(engine)
    await engine.close()
    await using theirs = await copy.openEngine({ path: dir, workflows: [] })
    expect(theirs.stats().epoch).toBe(2)
    expect((await refusal(open(dir))).code).toBe('JOURNAL_LOCKED')
  })

  test.runIf(process.platform === 'linux')('also while its process is stopped', async () => {
    const dir = await dirs()
    const other = speakerFor(HOLDER, import.meta.resolve('../../src/index.ts'), dir)
    expect(await other.line()).toBe('open')
    other.stop('SIGSTOP')
    const error = await refusal(open(dir))
    expect(error).toMatchObject({ code: 'JOURNAL_LOCKED', facts: { pid: other.pid } })
    expect(error.message).toContain(`process ${other.pid}; the holder did not answer`)
    other.stop('SIGKILL')
    await other.ended
    await using engine = await open(dir)
    await mustWork(engine)
  })

  test('against another thread', async () => {
    const dir = await dirs()
    await using engine = await open(dir)
    expect(await openInThread(dir)).toEqual(HERE)
    await mustWork(engine)
  })

  test('against another process, also after LOCK was read, until it is closed', async () => {
    const dir = await dirs()
    const engine = await open(dir)
    // LevelDB's own lock is gone from here on.
    await readFile(join(dir, 'LOCK'))
    const other = speakerFor(OTHER, indexUrl(), dir)
    expect(JSON.parse(await other.line())).toEqual(HERE)
    await mustWork(engine)
    await engine.close()
    other.tell('again')
    expect(JSON.parse(await other.line())).toEqual({ code: 'held' })
    const error = await refusal(open(dir))
    expect(error).toMatchObject({ code: 'JOURNAL_LOCKED', facts: { holder: { pid: other.pid } } })
    expect(error.message).toContain(`process ${other.pid}`)
    other.stop('SIGKILL')
    await other.ended
    await using again = await open(dir)
    expect(again.stats().epoch).toBe(3)
    await mustWork(again)
  })

  test('of many that open at once, for one', async () => {
    const dir = await dirs()
    const opened = await Promise.allSettled(Array.from({ length: 8 }, () => open(dir)))
    const engines = opened.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    expect(engines.length).toBe(1)
    for (const engine of engines) {
      await mustWork(engine)
      await engine.close()
    }
  })
})

const indexUrl = (): string => new URL('../../src/index.ts', import.meta.url).href

async function openInThread(dir: string): Promise<unknown> {
  const worker = new Worker(THREAD, {
    eval: true,
    execArgv: [],
    argv: [import.meta.resolve('tsx/esm/api'), indexUrl(), dir],
  })
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve).once('error', reject)
    })
  } finally {
    await worker.terminate()
  }
}

const ATTEMPT = `
  const attempt = ({ openEngine }, path) => openEngine({ path, workflows: [] })
    .then(() => ({ code: 'held' }), error => ({ code: error.code, holder: error.facts?.holder?.pid }))
`

const THREAD = `
  const { parentPort } = require('node:worker_threads')
  const [tsx, url, dir] = process.argv.slice(2)
  ${ATTEMPT}
  import(tsx)
    .then(({ register }) => register())
    .then(() => import(url))
    .then(perdure => attempt(perdure, dir))
    .then(outcome => parentPort.postMessage(outcome))
`

const OTHER = `
  const [url, dir] = process.argv.slice(1)
  const perdure = await import(url)
  ${ATTEMPT}
  const say = async () => console.log(JSON.stringify(await attempt(perdure, dir)))
  process.stdin.on('data', say)
  await say()
`

const HOLDER = `
  const [url, path] = process.argv.slice(1)
  const { openEngine } = await import(url)
  await openEngine({ path, workflows: [] })
  console.log('open')
  process.stdin.resume()
`
