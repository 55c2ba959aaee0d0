import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { openEngine, type WorkflowContext, workflow } from 'perdure'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dump } from '../../journal/dump.ts'
import { JournalError } from '../../journal/error.ts'
import { preflight } from '../../journal/leveldb/preflight.ts'
import { load, loadInMemory } from '../../journal/load.ts'
import { openReader } from '../../journal/open-reader.ts'
import { verify } from '../../journal/verify.ts'
import { VirtualClock } from '../../src/testing/clock.ts'

let root: string
let text: string
let lines: readonly string[]

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perdure-load-'))
  text = await readFile(new URL('../golden/dump-format-2.ndjson', import.meta.url), 'utf8')
  lines = text.trimEnd().split('\n')
})

afterAll(() => rm(root, { recursive: true, force: true }))

let count = 0
const fresh = (): string => join(root, `new-${++count}`)

const refusal = async (given: string | Uint8Array, into?: string): Promise<JournalError> => {
  const loaded =
    into === undefined
      ? loadInMemory([given], { name: 'a.ndjson' })
      : load([given], { into, now: 1 })
  const error = await loaded.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (error instanceof JournalError) return error
  throw new Error('it was loaded, or failed otherwise', { cause: error })
}

const changed = (from: string | RegExp, to: string): string => {
  const after = text.replace(from, to)
  expect(after).not.toBe(text)
  return after
}

/** As if it had been written like this. */
function resealed(text: string): string {
  const from = text.lastIndexOf('{"kind":"trailer"')
  const hash = createHash('sha256').update(text.slice(0, from)).digest('hex')
  return text.slice(0, from) + text.slice(from).replace(/"sha256":"\w+"/, `"sha256":"${hash}"`)
}

describe('a dump is refused', () => {
  const without = (at: number): string => lines.filter((_, place) => place !== at).join('\n')
  const place = (part: string): number => lines.findIndex(line => line.includes(part))

  test.each<[string, () => string | Uint8Array, string, RegExp]>([
    ['nothing', () => '', 'JOURNAL_UNUSABLE', /^a\.ndjson is no dump of a journal\.$/],
    ['another file', () => '{"name":"perdure"}', 'JOURNAL_UNUSABLE', /is no dump/],
    [
      'a later format',
      () => changed('"format":2', '"format":3'),
      'JOURNAL_FORMAT',
      /is of format 3/,
    ],
    ['no trailer', () => lines.slice(0, -1).join('\n'), 'JOURNAL_CORRUPT', /trailer is missing/],
    [
      'an epoch that none can follow',
      () => changed(/"epoch":\d+/, '"epoch":4294967295'),
      'JOURNAL_CORRUPT',
      /line 1: epoch: is not below 4294967295/,
    ],
    [
      'a commit that none can follow',
      () => changed(/"commit":\d+/, '"commit":9007199254740991'),
      'JOURNAL_CORRUPT',
      /line 1: commit: is not below/,
    ],
    [
      'the hash of no commit',
      () => changed(/"commit":\d+/, '"commit":0'),
      'JOURNAL_CORRUPT',
      /line 1: chain: is of no commit/,
    ],
    [
      'a time that no clock has shown',
      () => text.replaceAll(/"elapsed":\d+/g, '"elapsed":1e300'),
      'JOURNAL_CORRUPT',
      /line 1: elapsed: is no time/,
    ],
    [
      'a time of an entry before all time',
      () => changed(/("kind":"entry".*?"elapsed":)\d+/, '$1-1'),
      'JOURNAL_CORRUPT',
      /line 2: is no time/,
    ],
    [
      'more behind it',
      () => `${text}{"kind":"entry"}\n`,
      'JOURNAL_CORRUPT',
      /line 318: it follows the trailer/,
    ],
    ['a cut file', () => text.slice(0, 5_000), 'JOURNAL_CORRUPT', /line \d+: it is no JSON/],
    [
      'a cut packed file',
      () => gzipSync(text).subarray(0, 4_000),
      'JOURNAL_CORRUPT',
      /is cut: gzip says/,
    ],
    [
      'another text',
      () => changed('hold on', 'hold of'),
      'JOURNAL_CORRUPT',
      /line 317: the lines before it are not those that were written/,
    ],
    [
      'a line less',
      () => without(place('"run":"again","seq":2')),
      'JOURNAL_CORRUPT',
      /line 4: entry 2 of run again is missing: this is 3/,
    ],
    [
      'an event less',
      () => without(place('"kind":"event",')),
      'JOURNAL_CORRUPT',
      /its trailer counts 15 events/,
    ],
    [
      'the last of a run less',
      () => without(place('"run":"again","seq":4')),
      'JOURNAL_CORRUPT',
      /its trailer counts 294 entries/,
    ],
    [
      'another order',
      () => [...lines.slice(0, 1), ...lines.slice(6, 8), ...lines.slice(1)].join('\n'),
      'JOURNAL_CORRUPT',
      /run again belongs before run/,
    ],
    [
      'an event twice',
      () => [...lines.slice(0, 298), ...lines.slice(297)].join('\n'),
      'JOURNAL_CORRUPT',
      /line 299: it is not in order, or it is there twice/,
    ],
    [
      'an unknown type',
      () => changed('step.scheduled', 'step.dreamt'),
      'JOURNAL_CORRUPT',
      /"step.dreamt" is no type of an entry/,
    ],
    [
      'an unknown kind',
      () => changed('{"kind":"limit"', '{"kind":"limes"'),
      'JOURNAL_CORRUPT',
      /"limes" is no kind of a line/,
    ],
    [
      'a fact less',
      () => changed('"attempt":0,', ''),
      'JOURNAL_CORRUPT',
      /line 5: attempt: is missing/,
    ],
    [
      'a fact more',
      () => changed('"attempt":0,', '"attempt":0,"extra":1,'),
      'JOURNAL_CORRUPT',
      /extra: has no business here/,
    ],
    [
      'a fact of another kind',
      () => changed('"attempt":0,', '"attempt":-1,'),
      'JOURNAL_CORRUPT',
      /attempt: is no whole number from 0 on/,
    ],
    [
      'no value',
      () => changed('"data":{"n":2}', '"data":{"$":["date","never"]}'),
      'JOURNAL_CORRUPT',
      /line 2: data: This JSON renders no value: never is no date/,
    ],
    [
      'another record',
      () => changed('"seq":1,"record":0', '"seq":1,"record":7'),
      'JOURNAL_CORRUPT',
      /record: is neither 1 nor where/,
    ],
    [
      'another time in a record',
      () => changed(/("seq":1,"record":0,"at":)\d+/, '$15'),
      'JOURNAL_CORRUPT',
      /at and elapsed are not those/,
    ],
    [
      'a time that goes back',
      () => changed(/("seq":3,"record":3,"at":)\d+(.*)\n(.*"at":)\d+/, '$15$2\n$35'),
      'JOURNAL_CORRUPT',
      /entry 3 of run again: its time is before/,
    ],
    [
      'what cannot follow',
      () => changed('"type":"step.scheduled","id":"make"', '"type":"run.resumed"'),
      'JOURNAL_CORRUPT',
      /run.resumed cannot follow: run again is running/,
    ],
    [
      'an event that is missing',
      () => resealed(changed(/"row":"v!(.*)14"/, '"row":"v!$113"')),
      'JOURNAL_CORRUPT',
      /line 315: the event v!.* is missing, which is on its way to/,
    ],
  ])('%s', async (_, given, code, message) => {
    const error = await refusal(given())
    expect(error.message).toMatch(message)
    expect(error.code).toBe(code)
    expect(error.hint).not.toBe('')
    expect(error.facts.dump).toBe('a.ndjson')
  })

  test('however it is bent', async () => {
    const letters = fc.constantFrom('0', '9', '"', '}', ',', 'x', '\n', '\0', '')
    const property = fc.asyncProperty(fc.nat(text.length - 2), letters, async (at, letter) => {
      if (text[at] === letter) return
      // Of numbers and names in the trailer and the header, all are checked but what nothing depends on.
      const bent = text.slice(0, at) + letter + text.slice(at + 1)
      expect(['JOURNAL_CORRUPT', 'JOURNAL_UNUSABLE', 'JOURNAL_FORMAT']).toContain(
        (await refusal(bent)).code,
      )
    })
    await fc.assert(property, { numRuns: 60 })
  })
})

describe('a directory', () => {
  test('that holds anything is refused, and stays as it is', async () => {
    const into = fresh()
    await mkdir(into, { mode: 0o700 })
    await writeFile(join(into, 'note'), 'mine')
    const { code, message } = await refusal(text, into)
    expect({ code, message }).toEqual({
      code: 'JOURNAL_UNUSABLE',
      message: `Journal directory ${into} is not empty: note`,
    })
    expect(await readdir(into)).toEqual(['note'])
  })

  test('is empty again after a load that failed', async () => {
    const into = fresh()
    await refusal(text.slice(0, 50_000), into)
    expect(await readdir(into)).toEqual([])
    await load([text], { into, now: 1 })
    expect((await refusal(text, into)).message).toContain('is not empty')
  })

  test('in which a load was cut, at whatever file, says so to everybody', async () => {
    const into = fresh()
    await load([text], { into, now: 1 })
    const names = (await readdir(into)).sort(
      (a, b) => Number(a === 'CURRENT') - Number(b === 'CURRENT'),
    )
    const inside = join(into, 'loading')
    await mkdir(inside)
    for (const name of names.toReversed()) {
      await rename(join(into, name), join(inside, name))
      await expect(preflight(into)).rejects.toMatchObject({
        code: 'JOURNAL_UNUSABLE',
        facts: { cut: true },
      })
    }
    const cut = `Journal directory ${into} holds a load that was cut short`
    expect((await refusal(text, into)).message).toBe(cut)
    await expect(openReader(into)).rejects.toThrow(cut)
    await expect(openEngine({ path: into, workflows: [], durability: 'os' })).rejects.toThrow(cut)
    for (const name of names) await rename(join(inside, name), join(into, name))
    await (await openReader(into)).close()
  })
})

test('the dump of one run says so, and makes a journal of it', async () => {
  const opened = await loadInMemory([text])
  let alone = ''
  for await (const piece of dump(opened, { run: 'run_16' })) alone += piece
  await opened.close()
  expect(alone.split('\n').map(line => /"kind":"(\w+)"/.exec(line)?.[1])).toEqual(
    expect.arrayContaining(['header', 'entry', 'event', 'input', 'trailer']),
  )
  const into = fresh()
  expect(await load([alone], { into, now: 1 })).toMatchObject({ runs: 1, run: 'run_16' })
  const { reader, close, store } = await openReader(into)
  for await (const finding of verify(store)) expect(finding).toBeUndefined()
  expect(await reader.head('run_16')).toMatchObject({ workflow: 'onboarding' })
  expect(await reader.head('again')).toBeUndefined()
  await close()
})

describe('an engine', () => {
  type Context = WorkflowContext<{ user: string }>
  const heard: string[] = []
  const patient = workflow(
    { id: 'patient', concurrency: { limit: 1, per: 'run' } },
    async ({ event, step }: Context) => {
      await step.sleep('rest', '1h')
      const answer = await step.waitForEvent('word', {
        event: 'app/word',
        match: 'data.user',
        timeout: '9d',
      })
      return step.run('end', () => {
        heard.push(event.data.user)
        return answer?.data
      })
    },
  )

  test('carries on with what was loaded', async () => {
    const clock = new VirtualClock()
    const path = fresh()
    const engine = await openEngine({ path, clock, workflows: [patient], durability: 'os' })
    for (const user of ['first', 'second']) await engine.start(patient, { user }, { id: user })
    await engine.schedules.create({
      id: 'yearly',
      cron: '0 0 1 1 *',
      workflow: patient,
      data: { user: 'yearly' },
    })
    await engine.close()
    const opened = await openReader(path)
    const into = fresh()
    await load(dump(opened), { into, now: 1 })
    await opened.close()
    clock.pass(1_000)
    const again = await openEngine({ path: into, clock, workflows: [patient], durability: 'os' })
    const has = async (id: string, type: string): Promise<boolean> => {
      for await (const entry of (await again.run(id)).entries())
        if (entry.type === type) return true
      return false
    }
    const until = async (type: string, id: string): Promise<void> => {
      for (let left = 2_000; !(await has(id, type)); left--) {
        if (left === 0) throw new Error(`nothing came to ${type} of ${id}`)
        clock.pass(60_000)
        await new Promise(resolve => setImmediate(resolve))
      }
    }
    for (const user of ['first', 'second']) {
      await until('wait.set', user)
      await again.send({ name: 'app/word', data: { user, said: user } })
      await until('run.completed', user)
      expect(await (await again.run(user)).result()).toEqual({ user, said: user })
    }
    expect(heard).toEqual(['first', 'second'])
    const schedules: string[] = []
    for await (const { id } of again.schedules.list()) schedules.push(id)
    expect(schedules).toEqual(['yearly'])
    await again.close()
    const saved = await openReader(into)
    for await (const finding of verify(saved.store)) expect(finding).toBeUndefined()
    await saved.close()
  })
})
