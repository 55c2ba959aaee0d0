import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { perdure } from '../cli/perdure.ts'
import { listen, type Sample, sampleEngine } from '../journal/sample.ts'
import { diceOf, oneOf } from './dice.ts'
import { fileOf } from './dumps.ts'
import { oddJson } from './odd.ts'

const FILES = 12

/** What `--code` finds: workflows of the same names, and the package that they are made with. */
const CODE = `import { workflow } from 'perdure'
const step = ({ step }) => step.run('compose', () => 1)
const ids = ['greeting', 'payment', 'nap', 'patient', 'broken', 'endless', 'stuck', 'listening']
export const all = ids.map(id => workflow({ id, triggers: { event: 'app/answered' } }, step))
`
const PACKAGE = { name: 'perdure', type: 'module', exports: './index.mjs' }
const SOURCES = new URL('../../src/index.ts', import.meta.url).href

/** What command lines find around them: a journal nobody has, one that an engine has, files. */
export class World {
  readonly root: string
  readonly places: readonly string[]
  readonly #ready: string
  #dumps: readonly string[] = []
  #sample: Sample | undefined

  constructor() {
    this.#ready = realpathSync(mkdtempSync(join(tmpdir(), 'perdure-ready-')))
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'perdure-fuzz-')))
    const files = Array.from({ length: FILES }, (_, at) => join(this.root, `file-${at}`))
    const [journal, running] = [this.journal, this.running]
    this.places = [
      ...[...files, ...Array(5).fill(journal), ...Array(10).fill(running)],
      ...[this.root, join(this.root, 'nowhere'), join(this.root, 'new'), '-'],
    ]
  }

  /** Of an engine that is closed. */
  get journal(): string {
    return join(this.root, 'journal')
  }

  get running(): string {
    return join(this.root, 'running')
  }

  get code(): string {
    return join(this.#ready, 'code.mjs')
  }

  /** Dumps as they were written: of a journal, and of each run in it. */
  async dumps(): Promise<readonly string[]> {
    if (this.#dumps.length === 0) this.#dumps = await this.#prepare()
    return this.#dumps
  }

  /** As it was, with other files. */
  async afresh(seed: number): Promise<void> {
    const dumps = await this.dumps()
    await this.#stop()
    rmSync(this.root, { recursive: true, force: true })
    mkdirSync(this.root)
    cpSync(join(this.#ready, 'journal'), this.journal, { recursive: true })
    mkdirSync(this.running)
    this.#sample = await sampleEngine({ path: this.running, durability: 'os' })
    const dice = diceOf(seed)
    for (let at = 0; at < FILES; at++) {
      const json = JSON.stringify(oddJson(dice))
      const content = [json, oneOf(dumps, dice), fileOf(dumps, dice), fileOf(dumps, dice)]
      writeFileSync(join(this.root, `file-${at}`), oneOf(content, dice))
    }
  }

  async end(): Promise<void> {
    await this.#stop()
    for (const path of [this.root, this.#ready]) rmSync(path, { recursive: true, force: true })
  }

  async #stop(): Promise<void> {
    await this.#sample?.engine.close()
    this.#sample = undefined
  }

  async #prepare(): Promise<readonly string[]> {
    writeFileSync(this.code, CODE)
    const modules = join(this.#ready, 'node_modules/perdure')
    mkdirSync(modules, { recursive: true })
    writeFileSync(join(modules, 'package.json'), JSON.stringify(PACKAGE))
    writeFileSync(join(modules, 'index.mjs'), `export * from '${SOURCES}'`)
    const path = join(this.#ready, 'journal')
    const sample = await sampleEngine({ path, durability: 'os' })
    await listen(sample)
    await sample.engine.close()
    const dump = async (...of: readonly string[]): Promise<string> =>
      (await perdure(['dump', path, '--json', ...of], { scratch: this.#ready })).out
    const whole = await dump()
    const runs = [...whole.matchAll(/^\{"kind":"entry","run":"([^"]*)"/gm)].map(
      ([, run = '']) => run,
    )
    const each = [...new Set(runs)].map(run => dump('--run', run))
    return [whole, ...(await Promise.all(each))]
  }
}
