import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { perdure } from './perdure.ts'
import { played } from './played.ts'
import { type Change, record, workflows } from './recorded.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

let root: string
let journal: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perdure-as-vitest-'))
  journal = join(root, 'journal')
  await record(journal)
}, 60_000)

afterAll(() => rm(root, { recursive: true, force: true }))

/** The run that an event started was not given an id. */
async function idOf(run: string): Promise<string> {
  if (run !== 'listening') return run
  const { out } = await perdure(['dump', journal], { scratch: root })
  return /^(new-\d+) {2}listening/m.exec(out)?.[1] ?? ''
}

async function written(run: string, ...more: readonly string[]): Promise<string> {
  const args = ['dump', journal, '--run', await idOf(run), '--as', 'vitest', ...more]
  const { status, out, err } = await perdure(args, { scratch: root })
  expect({ status, err }).toEqual({ status: 0, err: '' })
  return out
}

const kinds = {
  retried: 'completed',
  raced: 'running',
  listening: 'completed',
  parent: 'completed',
  cancelled: 'cancelled',
  failed: 'failed',
  endless: 'completed',
  parked: 'parked',
  woken: 'completed',
  follower: 'completed',
} as const

/** What the workflow of a run would be imported as. */
const flowOf = (run: string, change?: Change): object[] =>
  Object.entries(workflows(change)).flatMap(([name, flow]) => (name === run ? [flow] : []))

describe.each(Object.keys(kinds))('of a run that was recorded: %s', run => {
  test('the test holds', async () => {
    await played(await written(run), flowOf(run))
  })

  test.each<Change>(['step left out', 'result used otherwise'])('not with a %s', async change => {
    const source = await written(run)
    await expect(played(source, flowOf(run, change))).rejects.toThrow(/expected/)
  })
})

describe('what is written', () => {
  test('reads as the story of the run', async () => {
    const source = await written('cancelled')
    // How many commits came before it is chance.
    expect(`\n${source.replace(/sample.\d+/, 'sample/1')}`).toMatchInlineSnapshot(`
      "
      // Written by \`perdure dump --run cancelled --as vitest\`, of a run that is cancelled.
      // The code of the workflow is real; whatever came to it from outside comes as it was recorded.
      import { playback } from 'perdure/testing/vitest'
      import { expect, test } from 'vitest'
      // Adapt this line: it has to import the workflow 'cancelled'.
      import { cancelled } from './workflows.js'

      test('run cancelled of cancelled, as it was recorded', async () => {
        await using play = await playback(cancelled, {
          id: 'cancelled',
          seed: 'sample/1/cancelled',
          at: '2030-01-01T00:00:00.000Z',
          data: { user: 'u1' },
        })
        play.at('2030-01-01T00:00:19.780Z')
        await play.cancelRequested('event shop/stop evt-stop')
        await play.stepSucceeded('clean', 0, 'done')
        play.at('2030-01-01T00:15:19.782Z')
        await play.timerFired()

        expect(play.run.status).toBe('cancelled')
        expect(play.run.reason).toBe('event shop/stop evt-stop')
        expect(play.run).toMatchTimeline(
          [
            'run.scheduled cancelled',
            'cancel.set',
            'run.started',
            'timer.set long',
            'run.cancel_requested event shop/stop evt-stop',
            'step.scheduled clean',
            'step.succeeded clean',
            'timer.set rest',
            'timer.fired rest',
            'run.cancelled event shop/stop evt-stop',
          ],
          { exact: true },
        )
      })
      "
    `)
  })

  test('is laid out as the formatter would, and passes the strictest compiler', async () => {
    const dir = join(root, 'typed')
    await mkdir(dir)
    const names: string[] = []
    const files: string[] = []
    for (const run of Object.keys(kinds)) {
      const source = await written(run)
      const name = /^import \{ (\w+) \} from '.\/workflows.js'$/m.exec(source)?.[1] ?? ''
      files.push(join(dir, `${run}.test.ts`))
      await writeFile(join(dir, `${run}.test.ts`), source)
      names.push(`export const ${name} = all.${run}`)
    }
    const from = "import { workflows } from 'recorded'"
    await writeFile(
      join(dir, 'workflows.ts'),
      `${[from, '', 'const all = workflows()', ...names].join('\n')}\n`,
    )
    await writeFile(join(dir, 'package.json'), '{ "type": "module" }')
    const paths = {
      recorded: [join(ROOT, 'test/cli/recorded.ts')],
      perdure: [join(ROOT, 'src/index.ts')],
      'perdure/testing/vitest': [join(ROOT, 'src/testing/vitest.ts')],
      'perdure/journal': [join(ROOT, 'journal/index.ts')],
      vitest: [join(ROOT, 'node_modules/vitest/dist/index.d.ts')],
      zod: [join(ROOT, 'node_modules/zod/index.d.ts')],
    }
    const options = { paths, typeRoots: [join(ROOT, 'node_modules/@types')] }
    await writeFile(
      join(dir, 'tsconfig.json'),
      JSON.stringify({
        extends: join(ROOT, 'tsconfig.json'),
        compilerOptions: options,
        include: ['*.ts'],
      }),
    )
    const config = join(root, 'biome')
    await mkdir(config)
    await writeFile(join(config, 'biome.json'), biome)
    const format = ['format', '--config-path', config, ...files]
    execFileSync(join(ROOT, 'node_modules/.bin/biome'), format, { stdio: 'pipe' })
    const { stdout } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', dir])
    expect(stdout.toString()).toBe('')
  })
})

const biome = JSON.stringify({
  formatter: { indentStyle: 'space', indentWidth: 2, lineWidth: 100 },
  javascript: {
    formatter: { quoteStyle: 'single', semicolons: 'asNeeded', arrowParentheses: 'asNeeded' },
  },
})

describe('--redact', () => {
  const retried = async (what: string): Promise<string> => written('retried', '--redact', what)

  test('is told in the file, and nothing is redacted without it', async () => {
    expect(await retried('all')).toMatch(/--as vitest --redact all`/)
    expect(await written('retried')).not.toContain('redacted')
  })

  test('of all hides texts and bytes, and keeps what code goes by', async () => {
    const source = await retried('all')
    expect(source).not.toMatch(/card|'Ada'|quoted|255|example\.com/)
    expect(source).toContain("name: 'CardDeclined', limit: 50, code: 'E1'")
    expect(source).toContain("new RetryAfterError('redacted-2', '42s')")
    expect(source).toContain('https://redacted-')
    await played(source, flowOf('retried'))
  })

  test('of paths hides all that is in them, and nothing else', async () => {
    const source = await retried('charged.none,names,numbers,message')
    expect(source).not.toMatch(/'Ada'|card/)
    expect(source).toContain('example.com')
    expect(source).toContain('numbers: [0, 0, 0, 0]')
    await played(source, flowOf('retried'))
  })

  test('a text has one placeholder, so that events still match', async () => {
    const source = await written('listening', '--redact', 'order,by')
    expect(source).not.toMatch(/order: 'o1'|'Ada'/)
    expect(source.match(/order: 'redacted-1'/g)?.length).toBe(3)
    // The signal is named after what is hidden.
    await expect(played(source, flowOf('listening'))).rejects.toThrow(/wait\.set too$/)
    await played(source.replace("'sign o1'", "'sign redacted-1'"), flowOf('listening'))
  })
})

describe('what is refused', () => {
  test.each([
    [['--as', 'vitest'], "option '--as <kind>' needs '--run <id>'"],
    [['--redact', 'all'], "option '--redact <what>' needs '--as <kind>'"],
    [['--as', 'jest', '--run', 'x'], 'Allowed choices are vitest'],
    [['--as', 'vitest', '--json', '--run', 'x'], 'cannot be used with'],
  ])('%j', async (args, says) => {
    const { status, out, err } = await perdure(['dump', journal, ...args], { scratch: root })
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toContain(says)
  })

  test('a run that is not there', async () => {
    const args = ['dump', journal, '--run', 'nobody', '--as', 'vitest']
    expect(await perdure(args, { scratch: root })).toMatchObject({ status: 3, out: '' })
  })
})
