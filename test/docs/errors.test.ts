import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Engine, openEngine, type WorkflowContext, workflow } from 'perdure'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { journalErrorCodes, PerdureError } from '../../journal/error.ts'
import { errorCodes, explainPage } from '../../src/cli/explain.ts'
import { usageCodes } from '../../src/cli/usage.ts'
import { engineErrorCodes, parkingCodes } from '../../src/define/error.ts'
import { perdure } from '../cli/perdure.ts'

const ROOT = new URL('../../', import.meta.url)
const PAGES = new URL('docs/errors/', ROOT)

/** They take a defect that nobody knows of. */
const WITHOUT_EXAMPLES = ['ENGINE_DEFECT', 'INTERNAL']

/** They are made when a step or a run has failed: far from the code, which has gone on meanwhile. */
const WITHOUT_SITE = [
  'CHILD_TIMEOUT',
  'EXPRESSION_FAILED',
  'RUN_TOO_LONG',
  'STEP_NOT_AWAITED',
  'STEP_TIMEOUT',
  'SUBSCRIBER_TOO_SLOW',
  'VALUE_TOO_LARGE',
  'VALUE_UNSTORABLE',
]

interface Block {
  /** `ts`: a program; its default export is called. `sh`: a command line. */
  readonly language: string
  /** `bad`: it ends with the error. `good`: it does not. */
  readonly kind: string
  /** How the error shows: itself, as a `cause`, or as what a run is `parked` with. */
  readonly shows: string
  readonly code: string
}

const codes = readdirSync(PAGES).map(name => name.replace(/\.md$/, ''))
const page = (code: string): string => readFileSync(new URL(`${code}.md`, PAGES), 'utf8')

const blocks = (code: string): Block[] =>
  [...page(code).matchAll(/^```(\w*) ?(bad|good)? ?(\w*)\n(.*?)^```$/gms)].map(
    ([, language = '', kind = '', shows = '', text = '']) => ({
      language,
      kind,
      shows,
      code: text,
    }),
  )

let directory: string
/** Of an application that runs. */
let app: Engine

beforeAll(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'perdure-errors-')))
  vi.stubEnv('TMPDIR', directory)
  const order = workflow({ id: 'order' }, async () => 'done')
  const engine = await openEngine({ path: join(directory, 'data'), workflows: [order] })
  for (const id of ['order-2026', 'refund-2026']) await engine.start(order, undefined, { id })
  await engine.close()
  const asleep = workflow({ id: 'asleep' }, async ({ step }: WorkflowContext) => step.sleep('1h'))
  app = await openEngine({ path: join(directory, 'app'), workflows: [order, asleep] })
  await app.start(asleep, undefined, { id: 'order-asleep' })
})

afterAll(async () => {
  await app.close()
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true, force: true })
})

/** Runs a block as it stands on the page: what it throws, if it throws. */
async function thrownBy(name: string, { language, code }: Block): Promise<unknown> {
  if (language === 'sh') return toldBy(code)
  expect(language).toBe('ts')
  const file = join(directory, `${name}.ts`)
  writeFileSync(file, code)
  const program: { default: () => Promise<unknown> } = await import(/* @vite-ignore */ file)
  try {
    await program.default()
    return undefined
  } catch (error) {
    return error ?? new Error('nothing was thrown')
  }
}

/** What a command line says against what it was asked. */
async function toldBy(line: string): Promise<unknown> {
  const [, scratch = '.', args = ''] = /^(?:TMPDIR=(\S+) )?perdure (.*)\n$/.exec(line) ?? []
  const { status, out, err } = await perdure([...args.split(' '), '--json'], {
    ...{ cwd: directory, scratch: join(directory, scratch) },
  })
  if (status === 0) return undefined
  expect(out).toBe('')
  return JSON.parse(err)
}

const causeOf = (thrown: unknown, code: string): unknown => {
  let error = thrown
  while (error instanceof Error && !('code' in error && error.code === code)) error = error.cause
  return error
}

describe.concurrent('the programs on the page of', () => {
  test.for(codes.filter(code => !WITHOUT_EXAMPLES.includes(code)))('%s', async code => {
    const [bad, good, ...others] = blocks(code)
    expect([bad?.kind, good?.kind, others]).toEqual(['bad', 'good', []])
    if (bad === undefined || good === undefined) return
    const thrown = await thrownBy(`${code}-bad`, bad)
    if (bad.language === 'ts') expect(thrown).toBeInstanceOf(PerdureError)
    const { site } = thrown as PerdureError
    if (bad.language === 'ts' && (site !== undefined || !WITHOUT_SITE.includes(code)))
      expect(site).toMatch(`${directory}/${code}-bad.ts:`)
    switch (bad.shows) {
      case '':
        expect(thrown).toMatchObject({ code })
        break
      case 'cause':
        expect(thrown).not.toMatchObject({ code })
        expect(causeOf(thrown, code)).toBeInstanceOf(Error)
        break
      case 'parked':
        expect(thrown).toMatchObject({ code: 'RUN_PARKED', facts: { code } })
        break
      default:
        expect.unreachable(bad.shows)
    }
    expect(await thrownBy(`${code}-good`, good)).toBeUndefined()
  })
})

const sources = (): string[] =>
  ['journal', 'src'].flatMap(folder =>
    readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .map(name => readFileSync(new URL(`${folder}/${name}`, ROOT), 'utf8')),
  )

test('there is a page for each code, and no other', () => {
  // Of classes with a code of their own, and where the base itself is thrown.
  const own = sources().flatMap(text =>
    [...text.matchAll(/PerdureError(?:<|\(\s*)'(\w+)'|\bcode: '([A-Z_]+)', /g)].map(
      ([, code, bare]) => code ?? bare,
    ),
  )
  expect(own).toEqual(expect.arrayContaining(['STEP_FAILED', 'CONTROL_INVALID', 'INTERNAL']))
  const listed = [...journalErrorCodes, ...engineErrorCodes, ...parkingCodes, ...usageCodes]
  expect([...codes].sort()).toEqual([...new Set([...listed, ...own])].sort())
})

test('each page has its parts', () => {
  for (const code of codes) {
    const parts = ['Causes', 'Fix', ...(WITHOUT_EXAMPLES.includes(code) ? [] : ['Bad', 'Good'])]
    const headings = [...page(code).matchAll(/^#+ .*$/gm)].map(String)
    expect(headings).toEqual([`# ${code}`, ...parts.map(part => `## ${part}`)])
    for (const line of page(code).split('\n')) expect(line.length, line).toBeLessThan(121)
  }
})

test('the index has the first sentence of each page', () => {
  const index = readFileSync(new URL('docs/errors.md', ROOT), 'utf8')
  const links = [...index.matchAll(/^- \[(\w+)\]\(errors\/(\w+)\.md\) (.*(?:\n {2}.*)*)$/gm)]
  expect(links.map(([, code]) => code).sort()).toEqual([...codes].sort())
  for (const [, code = '', target, sentence = ''] of links) {
    expect(target).toBe(code)
    const said = page(code).replace(/\s+/g, ' ')
    expect(said).toContain(`# ${code} ${sentence.replace(/\s+/g, ' ')} `)
  }
})

describe('explain', () => {
  const said = (code?: string, columns = 80, colors = false) =>
    perdure(['explain', ...(code === undefined ? [] : [code])], {
      ...{ scratch: directory, columns, colors },
    })

  test('shows the page, however the code is written', async () => {
    expect([...errorCodes()]).toEqual([...codes].sort())
    for (const code of codes) expect(explainPage(code.toLowerCase())).toBe(page(code))
    const { status, out, err } = await said('step-nested')
    expect([status, err]).toEqual([0, ''])
    expect(out).toBe((await said(' STEP_NESTED')).out)
    expect(out).toMatch(/^STEP_NESTED\n\nA step .*\n.*await the call\.\n\nCauses\n\n- A function/)
    expect(out).toContain(
      "\n\n    import { openEngine, workflow } from 'perdure'\n\n    const order",
    )
    expect(out).not.toMatch(/```|^#|\n\n\n|\n\n$|\p{Cc}(?<!\n)/mu)
  })

  test('is as wide as the terminal, but for code', async () => {
    for (const code of codes) {
      for (const columns of [60, 80]) {
        const lines = (await said(code, columns)).out
          .split('\n')
          .filter(line => !/^ {4}/.test(line))
        for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(columns)
      }
    }
    const { out } = await said('poison', 80, true)
    expect(out).toContain('\u001b[1mCauses\u001b[22m')
  })

  test('lists all codes', async () => {
    const { status, out } = await said(undefined, 140)
    expect(status).toBe(0)
    const [title, ...lines] = out.trimEnd().split('\n')
    expect(title).toMatch(/^CODE +MEANING$/)
    expect(lines.map(line => line.split(' ')[0])).toEqual([...codes].sort())
    for (const line of lines) expect(line).toMatch(/^\w+ {2,}\S.{5,120}\.$/)
    expect(lines).toContainEqual(expect.stringMatching(/^OVERLOADED +Too much is waiting; nothing/))
  })

  test('is data for programs', async () => {
    const { out } = await perdure(['explain', 'poison', '--json'], { scratch: directory })
    expect(JSON.parse(out)).toMatchObject({ v: 1, kind: 'code', code: 'POISON' })
    expect(JSON.parse(out).markdown).toBe(page('POISON'))
  })

  test('guesses what is meant', async () => {
    const guess = async (code: string): Promise<string | undefined> => {
      const { status, out, err } = await said(code)
      expect([status, out]).toEqual([2, ''])
      return /Did you mean (.*)\?/.exec(err)?.[1]
    }
    expect(await guess('STEP_FALED')).toBe('STEP_FAILED')
    expect(await guess('timeout')).toBe('TIMED_OUT or CHILD_TIMEOUT or STEP_TIMEOUT')
    expect(await guess('locked')).toBe('JOURNAL_LOCKED')
    expect(await guess('../errors')).toBeUndefined()
    expect(await guess('nonsense\u001b[2J')).toBeUndefined()
    expect(await guess('')).toBeUndefined()
  })
})
