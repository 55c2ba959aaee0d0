import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openEngine, workflow } from 'perdure'
import { expect, test } from 'vitest'
import { memoryStore } from '../../journal/memory-store.ts'
import { story } from './story.ts'

const CHILD = fileURLToPath(new URL('./signal-child.ts', import.meta.url))

test('on a signal the engine lets running steps end, closes, and dies of the signal', async () => {
  const path = await mkdtemp(join(tmpdir(), 'perdure-signal-'))
  try {
    const child = spawn(process.execPath, ['--import', 'tsx', CHILD, path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    child.stdin.write('go on')
    expect(await ended).toEqual([null, 'SIGTERM'])
    const slow = workflow({ id: 'slow' }, async () => 'never run here')
    await using engine = await openEngine({ path, workflows: [slow] })
    const run = await engine.run('slow')
    expect((await story(run)).slice(-2)).toEqual(['step.succeeded work', 'timer.set sleep'])
  } finally {
    await rm(path, { recursive: true, force: true })
  }
})

test.skipIf(process.platform === 'win32')('the signal acts though closing fails', async () => {
  const store = await memoryStore('full')
  const close = store.close.bind(store)
  store.close = async () => {
    await close()
    throw new Error('no room to say where it ends')
  }
  const errors: object[] = []
  const [debug, info, warn] = [() => {}, () => {}, () => {}]
  const error = (facts: object): void => void errors.push(facts)
  const logger = { debug, info, warn, error }
  await openEngine({ path: 'full', store, workflows: [], closeOn: ['SIGUSR2'], logger })
  // The engine is the first to hear of it, and by then does not listen any more.
  process.kill(process.pid, 'SIGUSR2')
  await once(process, 'SIGUSR2')
  await once(process, 'SIGUSR2')
  expect(errors).toMatchObject([{ signal: 'SIGUSR2' }])
})
