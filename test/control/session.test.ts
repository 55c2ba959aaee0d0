import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type ControlClient, dial } from '../../src/control/client.ts'
import { methods } from '../../src/control/methods.ts'
import { type Handlers, type Method, PAGES_AHEAD } from '../../src/control/protocol.ts'
import { ControlServer } from '../../src/control/server.ts'
import { Raw } from './raw.ts'

let root: string
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'perdure-control-')))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const never = new Promise<never>(() => {})
const about = { version: '0.0.0', pid: 1, journal: 'none' }

describe('an owner', () => {
  const longest = 1 << 20
  let server: ControlServer
  const open: (ControlClient | Raw)[] = []
  /** Pages that were made of lists, by the name that they were asked with. */
  const made = new Map<string, number>()
  const stopped: string[] = []

  async function* pagesOf(name: string, signal: AbortSignal): AsyncGenerator<readonly unknown[]> {
    try {
      while (name !== 'none' && !signal.aborted) {
        made.set(name, (made.get(name) ?? 0) + 1)
        yield [{ name, text: 'x'.repeat(name === 'small' ? 10 : 1 << 18) }]
        await new Promise(setImmediate)
      }
    } finally {
      stopped.push(name)
    }
  }

  async function* quiet(signal: AbortSignal): AsyncGenerator<readonly unknown[]> {
    await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))
    stopped.push('quiet')
  }

  const answers: Partial<Record<Method, unknown>> = {
    run: ({ run }: { run: string }) => Promise.resolve(run),
    events: ({ name = '' }, signal: AbortSignal) => pagesOf(name, signal),
    commits: (_: object, signal: AbortSignal) => quiet(signal),
    result: () => never,
    cancel: () => Promise.reject(new Error('y'.repeat(100_000))),
    pause: () => {
      throw new TypeError('at once')
    },
  }
  const handlers = Object.fromEntries(
    Object.keys(methods).map(name => [name, async () => name]),
  ) as unknown as Handlers
  Object.assign(handlers, answers)

  beforeAll(async () => {
    const directory = join(root, 'owner')
    await mkdir(directory)
    server = new ControlServer({ directory, about, handlers, longest })
    await server.listen()
  })
  afterAll(() => server.close())
  afterEach(() => {
    for (const each of open.splice(0)) each instanceof Raw ? each.socket.destroy() : each.close()
    made.clear()
    stopped.length = 0
  })

  async function client(): Promise<ControlClient> {
    const client = await dial(server.address)
    if (client === undefined) throw new Error('nobody is there')
    open.push(client)
    return client
  }

  function raw(): Raw {
    const raw = new Raw(server.address)
    open.push(raw)
    return raw
  }

  test('keeps thousands of asks apart', async () => {
    const asker = await client()
    const runs = Array.from({ length: 5_000 }, (_, at) => `run-${at}`)
    expect(await Promise.all(runs.map(run => asker.ask('run', { run })))).toEqual(runs)
  })

  test('answers other asks while lists are read slowly, and makes no more of those than fits', async () => {
    const asker = await client()
    const slow = Array.from({ length: 8 }, (_, at) => asker.list('events', { name: `list-${at}` }))
    for (const list of slow) expect((await list.next()).value).toHaveLength(1)
    for (let at = 0; at < 200; at++) expect(await asker.ask('run', { run: 'a' })).toBe('a')
    for (const count of made.values()) expect(count).toBeLessThanOrEqual(PAGES_AHEAD + 2)
    for (const list of slow) await list.return(undefined)
  })

  test('ends what is stopped, whether it has something to say or not', async () => {
    const asker = await client()
    for (let round = 0; round < 40; round++) {
      const list = asker.list('events', { name: 'small' })
      await list.next()
      await list.return(undefined)
    }
    const raw1 = raw()
    raw1.say({ id: 1, ask: 'commits', with: { after: 0, follow: true } })
    raw1.say({ id: 2, ask: 'result', with: { run: 'a' } })
    raw1.say({ id: 3, ask: 'events', with: { name: 'small' } })
    await raw1.told(({ id, page }) => id === 3 && page !== undefined)
    for (const id of [1, 2, 3, 99]) raw1.say({ id, stop: true })
    for (const end of [1, 2, 3]) await raw1.told(({ id, page }) => id === end && page === undefined)
    expect(stopped.filter(name => name === 'small')).toHaveLength(41)
    expect(stopped).toContain('quiet')
  })

  test('refuses one ask too many, and goes on with the others', async () => {
    const asker = raw()
    for (let id = 0; id < 33; id++) asker.say({ id, ask: 'result', with: { run: 'a' } })
    const { error } = await asker.told(({ id }) => id === 32)
    expect(error).toMatchObject({ code: 'CONTROL_INVALID' })
    asker.say({ id: 0, stop: true })
    await asker.told(({ id }) => id === 0)
    asker.say({ id: 40, ask: 'run', with: { run: 'a' } })
    expect(await asker.told(({ id }) => id === 40)).toEqual({ id: 40, is: 'a' })
  })

  test.each([
    ['an unknown method', { id: 7, ask: 'toString' }],
    ['an inherited method', { id: 7, ask: '__proto__' }],
    ['a method that is a megabyte long', { id: 7, ask: 'z'.repeat(900_000) }],
    ['no method', { id: 7 }],
    ['missing parameters', { id: 7, ask: 'run' }],
    ['wrong parameters', { id: 7, ask: 'run', with: { run: 1 } }],
    ['parameters too many', { id: 7, ask: 'run', with: { run: 'a', too: 'much' } }],
    [
      'parameters of a prototype',
      '{"id":7,"ask":"run","with":{"run":"a","__proto__":{"run":"b"}}}',
    ],
    ['no parameters at all', { id: 7, ask: 'run', with: null }],
    ['a handler that fails at once', { id: 7, ask: 'pause', with: { run: 'a' } }],
    ['a handler that fails at length', { id: 7, ask: 'cancel', with: { run: 'a' } }],
  ])('answers %s with an error of its own', async (_, message) => {
    const asker = raw()
    asker.say(message, { id: 8, ask: 'run', with: { run: 'still' } })
    const { error } = await asker.told(({ id }) => id === 7)
    expect(String(Object(error).code)).toMatch(/^(CONTROL_INVALID|INTERNAL)$/)
    expect(await asker.told(({ id }) => id === 8)).toEqual({ id: 8, is: 'still' })
  })

  test.each([
    ['no JSON', 'GET / HTTP/1.1\r\n\r\n'],
    ['a list', '[]'],
    ['nothing', 'null'],
    ['an id that is no number', { id: 'a', ask: 'run' }],
    ['an id below zero', { id: -1, ask: 'run' }],
    ['an id of an open ask', '{"id":1,"ask":"result","with":{"run":"a"}}\n'.repeat(2)],
    ['room for no page', '{"id":1,"ask":"result","with":{"run":"a"}}\n{"id":1,"more":-1}'],
    ['a line that is too long', 'x'.repeat(longest + 1)],
    ['what nests too deep', `{"id":1,"with":${'['.repeat(50)}${']'.repeat(50)}}`],
    ['what has too many parts', `{"id":1,"with":[${'0,'.repeat(100_000)}0]}`],
  ])('ends the connection for %s, and says why', async (_, message) => {
    const asker = raw()
    asker.say(message, { id: 8, ask: 'run', with: { run: 'too late' } })
    const { error } = await asker.told(({ id }) => id === -1)
    expect(error).toMatchObject({ code: 'CONTROL_INVALID' })
    await asker.ended()
    expect(asker.lines.filter(({ id }) => id === 8)).toEqual([])
  })

  test('listens no more to who asks and does not read, until he does', async () => {
    const asker = raw()
    await asker.told(({ perdure }) => perdure !== undefined)
    asker.socket.pause()
    let id = 0
    const flood = (): string =>
      Array.from({ length: 200 }, () => `{"id":${id++},"ask":"nothing"}\n`).join('')
    for (let at = 0; at < 100; at++) asker.socket.write(flood())
    // Until nothing is taken from it any more.
    for (let left = -1, still = 0; still < 10; ) {
      await new Promise(resolve => setTimeout(resolve, 20))
      const { writableLength } = asker.socket
      still = writableLength === left ? still + 1 : 0
      left = writableLength
    }
    expect(asker.socket.writableLength).toBeGreaterThan(0)
    const other = await client()
    expect(await other.ask('run', { run: 'b' })).toBe('b')
    asker.socket.resume()
    await asker.told(({ id }) => id === 19_999)
  })

  test('survives anything that is said, cut at any byte', async () => {
    const name = fc.constantFrom(...Object.keys(methods), 'nothing', '__proto__', 'constructor')
    const id = fc.oneof(fc.nat(40), fc.constantFrom(-1, 1e300, null, 'x'))
    const params = fc.oneof(fc.constant({ run: 'a' }), fc.object({ maxDepth: 3 }), fc.jsonValue())
    const message = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ id, ask: name, with: params }, { requiredKeys: ['id'] }),
      },
      fc.record({ id, stop: fc.boolean() }),
      fc.record({ id, more: fc.oneof(fc.nat(3), fc.jsonValue()) }),
      fc.jsonValue(),
    )
    const piece = fc.oneof(
      { weight: 6, arbitrary: message.map(each => Buffer.from(`${JSON.stringify(each)}\n`)) },
      fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
      fc.json().map(text => Buffer.from(text)),
    )
    const before = process.memoryUsage().rss
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.nat(), async (pieces, at) => {
        const asker = new Raw(server.address)
        const bytes = Buffer.concat(pieces)
        asker.socket.write(bytes.subarray(0, at % (bytes.length + 1)))
        await asker.told(({ perdure }) => perdure !== undefined)
        asker.socket.destroy()
      }),
      { numRuns: 400 },
    )
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20)
    const asker = await client()
    expect(await asker.ask('run', { run: 'fine' })).toBe('fine')
  })

  test('that was fenced out and closes late leaves the address of the next one', async () => {
    const directory = join(root, 'fenced')
    await mkdir(directory)
    const [fenced, next] = [0, 1].map(
      () => new ControlServer({ directory, about, handlers, longest }),
    ) as [ControlServer, ControlServer]
    await fenced.listen()
    const asker = await dial(fenced.address)
    await next.listen()
    expect(await asker?.ask('run', { run: 'a' })).toBe('a')
    await fenced.close()
    const other = await dial(next.address)
    expect(await other?.ask('run', { run: 'b' })).toBe('b')
    other?.close()
    expect(readdirSync(directory)).toEqual(['control.sock'])
    await next.close()
    expect(readdirSync(directory)).toEqual([])
  })

  test('that closes sends everybody away, and leaves no address', async () => {
    const directory = join(root, 'closing')
    await mkdir(directory)
    const closing = new ControlServer({ directory, about, handlers, longest })
    await closing.listen()
    expect(statSync(closing.address).mode & 0o777).toBe(0o600)
    const asker = await dial(closing.address)
    const asked = asker?.ask('result', { run: 'a' })
    const list = asker?.list('commits', { after: 0, follow: true }).next()
    await asker?.ask('run', { run: 'a' })
    await closing.close()
    await expect(asked).rejects.toMatchObject({ code: 'JOURNAL_CLOSED' })
    await expect(list).rejects.toMatchObject({ code: 'JOURNAL_CLOSED' })
    await expect(asker?.ask('run', { run: 'a' })).rejects.toMatchObject({ code: 'JOURNAL_CLOSED' })
    expect(existsSync(closing.address)).toBe(false)
  })
})
