import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compatibilityRecord } from '../../src/cli/records/compatibility.ts'
import { userCode } from '../../src/cli/user-code.ts'
import { placesOf, type Situations, situations } from './situations.ts'

let journals: Situations
let old: string
let changed: string

/** As another copy of the package would make it: nothing of it is known here but its shape. */
const SHAPE = `
const workflow = (id, code) =>
  ({ id, code, retry: { retries: 4, backoff: [] }, triggers: [], cancelOn: [] })
console.log('loaded')
`
const OLD = `${SHAPE}
export const nap = workflow('nap', async ({ step }) => {
  await step.sleep('short', '30s')
  console.log('noise')
  await Promise.all([step.sleepUntil('new year', new Date(Date.UTC(2031, 0, 1))), step.sleep('24h')])
})
export const more = { list: [workflow('listening', ({ step }) =>
  step.waitForEvent('answer', { event: 'app/answered', match: 'data.user', timeout: '1h' }))] }
export default [workflow('greeting', async ({ event, step }) =>
  step.run('compose', () => { throw new Error('no body runs') }))]
`
const CHANGED = OLD.replace(
  "step.sleepUntil('new year', new Date(Date.UTC(2031, 0, 1)))",
  "step.run('new', () => 1)",
)

beforeAll(async () => {
  journals = await situations()
  old = join(journals.root, 'old.mjs')
  changed = join(journals.root, 'changed.mjs')
  await writeFile(old, OLD)
  await writeFile(changed, CHANGED)
})

afterAll(() => journals.end())

test.each([0, 1, 2])('code that fits is safe (situation %i)', async at => {
  const [, place] = placesOf(journals)[at]!
  const { status, out } = await journals.run('replay', '--code', old, '-d', place)
  expect({ status, out }).toEqual({ status: 0, out: 'safe to deploy for 2 of 2 live runs\n' })
})

test('a workflow that there is nowhere is none that is safe', async () => {
  const replay = (workflow: string) =>
    journals.run('replay', '--code', old, '-d', journals.dump, '--workflow', workflow)
  const { status, out, err } = await replay('listenign')
  expect({ status, out }).toEqual({ status: 2, out: '' })
  expect(err).toContain('There is no workflow "listenign".\n  Did you mean "listening"? There are ')
  expect(await replay('nothing-*')).toMatchObject({ status: 2 })
  expect(await replay('listen*')).toMatchObject({ status: 0 })
})

describe('code that does not fit', () => {
  test('differs, with what and where', async () => {
    const { status, out, err } = await journals.run(
      'replay',
      '--code',
      changed,
      '-d',
      journals.dump,
    )
    expect({ status, err }).toEqual({ status: 6, err: '' })
    expect(
      out.replaceAll(journals.root, '<root>').replace(/ {2}\S*<root>/g, '  <root>'),
    ).toMatchInlineSnapshot(`
      "safe to deploy for 1 of 2 live runs

      nap: 1 run diverges
        recorded  timer.set "new year" (entry 4 of c-nap)
        asked     step.scheduled "new"  <root>/changed.mjs:9:27
                  await Promise.all([step.run('new', () => 1), step.sleep('24h')])
        after     timer.set "short"  <root>/changed.mjs:7:14
        fix       The record knows no "new". If it is "new year" by a new name, give it back its id; if it
                  is new, call it behind all that runs have recorded. Or give the changed workflow another
                  id, and keep this one until its last run has ended.
        runs      c-nap
      "
    `)
  })

  test('is a record for programs', async () => {
    const args = ['replay', '--code', changed, '-d', journals.killed, '--ended', '--json']
    const { status, out } = await journals.run(...args)
    expect(status).toBe(6)
    const record = compatibilityRecord.parse(JSON.parse(out))
    expect(record).toMatchObject({
      ...{ safe: false, differs: true, fitting: 1, code: changed, journal: journals.killed },
      ...{ live: { runs: 2, same: 1, diverges: 1 }, ended: { same: 2, unknown: 6 } },
      workflows: ['greeting', 'listening', 'nap'],
    })
    expect(record.groups.find(({ verdict }) => verdict === 'diverges')).toMatchObject({
      ...{ stage: 'live', workflow: 'nap', runs: ['c-nap'], entry: 4 },
      ...{ recorded: 'timer.set "new year"', asked: 'step.scheduled "new"' },
      site: expect.stringContaining('changed.mjs:9:'),
      line: expect.stringMatching(/^await Promise\.all/),
    })
  })

  test.each([
    [['--workflow', 'list*'], 0, 'safe to deploy for 1 of 1 live runs\n'],
    [['--run', 'greeting'], 0, 'a-greeting  greeting  completed  the same with this code\n'],
    [['--run', 'c-nap'], 6, /^c-nap {2}nap {2}running {2}not the same .*\n\nnap: 1 run diverges\n/],
    [['--run', '@failed'], 6, /^e-broken .*\n\nbroken: 1 run of an unknown workflow\n/],
  ])('is asked of some runs only: %j', async (args, status, says) => {
    const said = await journals.run('replay', '--code', changed, '-d', journals.killed, ...args)
    expect(said.status).toBe(status)
    expect(said.out).toMatch(says)
  })
})

describe('code that cannot be used', () => {
  const refused = async (name: string, text?: string) => {
    const file = join(journals.root, name)
    if (text !== undefined) await writeFile(file, text)
    const { status, out, err } = await journals.run('replay', '--code', file, '-d', journals.killed)
    expect(out).toBe('')
    return { status, err: err.replaceAll(journals.root, '<root>') }
  }

  test('is not there', async () => {
    const { status, err } = await refused('nowhere.mjs')
    expect(status).toBe(3)
    expect(err).toContain('There is no file <root>/nowhere.mjs.\n  Name the module that exports')
  })

  test('exports no workflows: what it exports is said', async () => {
    const text = 'export const list = [1], run = () => 1\nexport default { id: "x", code: 1 }'
    const { status, err } = await refused('none.mjs', text)
    expect(status).toBe(2)
    expect(err).toContain('It exports default (object), list (array), run (function).')
    expect((await refused('empty.mjs', '')).err).toContain('It exports nothing.')
  })

  test('throws: its message is told', async () => {
    const { status, err } = await refused('throws.mjs', 'throw new TypeError("no database")')
    expect(status).toBe(2)
    expect(err).toContain('<root>/throws.mjs: It cannot be loaded: TypeError: no database')
    expect(err).toContain('Name a module that only defines workflows')
  })

  test('has two workflows of one id', async () => {
    const twice = `${SHAPE}\nexport default [workflow('a', f), workflow('a', f)]\nfunction f() {}`
    const { status, err } = await refused('twice.mjs', twice)
    expect(status).toBe(2)
    expect(err).toContain("Two workflows have the id 'a'.")
  })

  test('is not named', async () => {
    const { status, err } = await journals.run('replay', '-d', journals.killed)
    expect(status).toBe(2)
    expect(err).toContain("required option '--code <module>' not specified")
  })
})

describe('TypeScript', () => {
  const unknown = Object.assign(new TypeError('Unknown file extension'), {
    code: 'ERR_UNKNOWN_FILE_EXTENSION',
  })
  const nap = { id: 'nap', code: () => {}, retry: {}, triggers: [], cancelOn: [] }
  const file = () => join(journals.root, 'typed.ts')
  beforeAll(() => writeFile(file(), 'export {}'))

  test('is loaded by node where it strips types', async () => {
    const loaded: string[] = []
    const load = async (url: string) => ({ nap, loaded: loaded.push(url) })
    const loading = { cwd: import.meta.dirname, stripsTypes: true, load }
    expect((await userCode(file(), loading)).workflows).toEqual([nap])
    expect(loaded).toHaveLength(1)
  })

  test('is loaded by the tsx that is installed where it lies, or where the command runs', async () => {
    let registered = 0
    const load = async (url: string) =>
      /\/tsx\/dist\/(esm|cjs)\/api\/index\.mjs$/.test(url)
        ? { register: () => registered++ }
        : { nap }
    const loading = { cwd: import.meta.dirname, stripsTypes: false, load }
    expect((await userCode(file(), loading)).workflows).toEqual([nap])
    expect(registered).toBe(2)
  })

  test('is refused where there is neither, with what to do', async () => {
    const load = () => Promise.reject(unknown)
    const loading = { cwd: journals.root, stripsTypes: false, load }
    await expect(userCode(file(), loading)).rejects.toMatchObject({
      ...{ code: 'USAGE_INVALID', cause: unknown },
      hint: expect.stringMatching(/^Install tsx beside your code .* Node 22\.18/),
    })
  })
})
