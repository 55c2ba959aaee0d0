import { once } from 'node:events'
import { existsSync, rmSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, openEngine, type WorkflowContext, workflow } from 'perdure'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { controlAddress } from '../../src/control/address.ts'
import { speakerFor } from '../journal/leveldb/second-process.ts'
import { Raw } from './raw.ts'

let root: string
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'perdure-connect-')))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const url = (path: string): string => new URL(`../../${path}`, import.meta.url).href

const echo = workflow({ id: 'echo' }, async ({ event, step }: WorkflowContext) =>
  step.run('say', () => event.data),
)
const patient = workflow({ id: 'patient' }, async ({ step }: WorkflowContext) => {
  await step.waitForEvent('come', { event: 'app/come', timeout: '1h' })
})

const signalled = workflow({ id: 'signalled' }, async ({ step }: WorkflowContext) => {
  const first = await step.waitForSignal('first', { signal: 'a', timeout: '1h' })
  return [first, await step.waitForSignal('second', { signal: 'a', timeout: '1h' })]
})

const open = (path: string) => openEngine({ path, workflows: [echo, patient, signalled] })

describe('a client', () => {
  test('asks the engine of a directory, however long its path is', async () => {
    const path = join(root, 'x'.repeat(120))
    await using engine = await open(path)
    const address = controlAddress(path)
    expect(address.startsWith(path)).toBe(false)
    expect(statSync(address).mode & 0o777).toBe(0o600)
    await using client = await connect(path)
    const run = await client?.start('echo', { said: 1 })
    expect(await client?.result(run ?? '')).toEqual({ said: 1 })
    expect(engine.stats().commits).toBeGreaterThan(0)
  })

  test('may repeat a signal under its id', async () => {
    const path = join(root, 'signalled')
    await using engine = await open(path)
    await using client = await connect(path)
    await engine.start(signalled, null, { id: 's' })
    await client?.signal('a', 1, { id: 'click' })
    await client?.signal('a', 1, { id: 'click' })
    // A whole run later it waits again.
    await client?.result((await client.start('echo', 0)) ?? '')
    await client?.signal('a', 2)
    expect(await client?.result('s')).toEqual([1, 2])
  })

  test('hears at once that an engine has closed, whatever it waits for', async () => {
    const path = join(root, 'closed')
    const engine = await open(path)
    await engine.start(patient, null, { id: 'p' })
    await using client = await connect(path)
    const refused = { code: expect.stringMatching(/^(JOURNAL|ENGINE)_CLOSED$/) }
    const result = expect(client?.result('p')).rejects.toMatchObject(refused)
    const commits = client?.commits({ after: 0, follow: true })
    await commits?.next()
    const next = expect(commits?.next()).rejects.toMatchObject(refused)
    await engine.close()
    await Promise.all([result, next])
    expect(existsSync(controlAddress(path))).toBe(false)
    expect(await connect(path)).toBeUndefined()
  })

  test('ends a follow, and the engine forgets it, though nothing is committed', async () => {
    const path = join(root, 'follow')
    await using _ = await open(path)
    await using client = await connect(path)
    for (let round = 0; round < 40; round++) {
      const commits = client?.commits({ after: 0, follow: true })
      const next = commits?.next()
      next?.catch(() => {})
      if (round === 0) await client?.start('echo', 1)
      else await next
      await commits?.return(undefined)
    }
    expect(await client?.about()).toMatchObject({ epoch: 1 })
  })

  test('that gives up a result is not waited for any more, nor is anybody who has it', async () => {
    const path = join(root, 'given-up')
    await using engine = await open(path)
    for (const id of ['p', 'q']) await engine.start(patient, null, { id })
    const waiting = (): number => engine.stats().waitingResults
    const until = async (count: number): Promise<void> => {
      while (waiting() !== count) await new Promise(setImmediate)
    }
    const asker = new Raw(controlAddress(path))
    for (let id = 1; id < 6; id++) asker.say({ id, ask: 'result', with: { run: 'pq'[id % 2] } })
    await until(5)
    asker.say({ id: 2, stop: true })
    await asker.told(({ id }) => id === 2)
    await until(4)
    const own = (await engine.run('p')).result()
    await until(5)
    asker.socket.destroy()
    await until(1)
    await engine.send({ name: 'app/come', data: {} })
    await own
    await (await engine.run('q')).result()
    await expect(engine.run('nobody').then(run => run.result())).rejects.toThrow()
    for (const id of ['p', 'q', 'nobody']) {
      await using client = await connect(path)
      await client?.result(id).catch(() => {})
    }
    expect(waiting()).toBe(0)
  })

  test('of an engine that is killed hears so, and the next one takes its address', async () => {
    const path = join(root, 'killed')
    const child = speakerFor(
      `const [, path, url] = process.argv
      const { openEngine, workflow } = await import(url)
      const nap = workflow({ id: 'nap' }, async ({ step }) => step.sleep('1h'))
      const engine = await openEngine({ path, workflows: [nap] })
      await engine.start(nap, undefined, { id: 'n' })
      console.log('ready')
      setInterval(() => {}, 1_000)`,
      path,
      url('src/index.ts'),
    )
    expect(await child.line()).toBe('ready')
    const client = await connect(path)
    expect(client?.pid).toBe(child.pid)
    const asked = expect(client?.result('n')).rejects.toMatchObject({ code: 'JOURNAL_CLOSED' })
    const list = client?.commits({ after: 0, follow: true })
    await list?.next()
    const next = expect(list?.next()).rejects.toMatchObject({ code: 'JOURNAL_CLOSED' })
    child.stop('SIGKILL')
    await Promise.all([asked, next, child.ended])
    expect(existsSync(controlAddress(path))).toBe(true)
    expect(await connect(path)).toBeUndefined()
    await using _ = await open(path)
    await using second = await connect(path)
    expect(second?.pid).toBe(process.pid)
  })

  test.each([
    ['says nothing', ''],
    ['speaks otherwise', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['hangs up', undefined],
    ['is of another protocol', '{"perdure":"control","protocol":99,"version":"9.9.9"}\n'],
  ])('says that an owner which %s is busy', async (name, greeting) => {
    const path = join(root, name.replaceAll(' ', '-'))
    await mkdir(path)
    const impostor = createServer(socket => {
      socket.on('error', () => {})
      if (greeting === undefined) socket.destroy()
      else socket.write(greeting)
    })
    await listening(impostor, controlAddress(path))
    await expect(connect(path)).rejects.toMatchObject({ code: 'JOURNAL_BUSY' })
    impostor.close()
  })

  test('finds nobody at a file that is no socket, and the engine puts its own there', async () => {
    const path = join(root, 'file')
    await (await open(path)).close()
    await writeFile(controlAddress(path), 'what is this')
    expect(await connect(path)).toBeUndefined()
    await using _ = await open(path)
    expect(await connect(path).then(client => client?.close())).toBeUndefined()
    expect(statSync(controlAddress(path)).isSocket()).toBe(true)
  })
})

test('an engine goes on while it is flooded', async () => {
  const path = join(root, 'flood')
  await using engine = await open(path)
  const address = controlAddress(path)
  const asks = ['runs', 'census', 'timers', 'waits', 'about', 'events', 'nothing']
  const floods = Array.from({ length: 8 }, (_, of) => {
    const asker = new Raw(address)
    for (let id = 0; id < 500; id++) {
      const ask = asks[(id + of) % asks.length]
      asker.say({ id, ask, ...(ask === 'runs' && { with: { order: 'newest' } }) })
      if (id % 50 === 0)
        asker.say({ id: id + 5_000, ask: 'commits', with: { after: 0, follow: true } })
    }
    return asker
  })
  for (let n = 0; n < 200; n++) expect(await (await engine.start(echo, n)).result()).toBe(n)
  for (const { socket } of floods) socket.destroy()
  await using client = await connect(path)
  expect(await client?.run('none')).toBeUndefined()
})

test('whoever listens is not kept alive by it', async () => {
  const directory = join(root, 'alive')
  await mkdir(directory)
  const child = speakerFor(
    `const [, directory, url] = process.argv
    const { ControlServer } = await import(url)
    const about = { version: '1', pid: 1, journal: 'j' }
    const server = new ControlServer({ directory, about, handlers: {}, longest: 100 })
    await server.listen()
    console.log('ready')
    await new Promise(resolve => process.stdin.once('data', resolve))
    process.stdin.destroy()`,
    directory,
    url('src/control/server.ts'),
  )
  await child.line()
  const asker = new Raw(controlAddress(directory))
  await asker.told(({ perdure }) => perdure !== undefined)
  child.tell('enough')
  expect(await child.ended).toEqual([0, null])
})

async function listening(server: Server, address: string): Promise<void> {
  server.listen(address)
  await once(server, 'listening')
}
