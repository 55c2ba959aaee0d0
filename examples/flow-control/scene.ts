import type { Reason } from 'perdure'
import { type TestEngine, type TestEngineOptions, type TestRun, testEngine } from 'perdure/testing'
import type { Lane, Picture } from './drawing.ts'
import { asked } from './report.ts'

/** A workflow, and what comes to it. */
export interface Scene {
  readonly title: string
  readonly workflow: TestEngineOptions['workflows'][number]
  /** Who asks for which report when, a letter a second: `{ ada: 'a  b' }`. */
  readonly asks: Readonly<Record<string, string>>
  /** How many seconds the bodies of its steps take. */
  readonly takes: Readonly<Record<string, number>>
  /** What is done by hand, and at which second. */
  readonly byHand?: readonly ByHand[]
}

interface ByHand {
  readonly second: number
  readonly name: string
  act(engine: TestEngine): Promise<unknown>
}

/** Plays it on the real engine, second by second. */
export async function played(scene: Scene): Promise<Picture> {
  await using engine = await testEngine({ workflows: [scene.workflow] })
  return await new Play(engine, scene).picture()
}

/** A run, and its lane as far as it is drawn. */
interface Part {
  readonly who: string
  readonly name: string
  readonly from: number
  readonly run: TestRun
  marks: string
  gathered: number
  hasEnded: boolean
}

const LONGEST = 70

class Play {
  readonly #engine: TestEngine
  readonly #scene: Scene
  readonly #parts: Part[] = []
  readonly #bodies: { readonly ends: number; end(): void }[] = []
  #second = 0

  constructor(engine: TestEngine, scene: Scene) {
    this.#engine = engine
    this.#scene = scene
    for (const [id, seconds] of Object.entries(scene.takes)) {
      engine.steps.stub(scene.workflow, id, async ({ signal, body }) => {
        await this.#time(seconds, signal)
        return body()
      })
    }
  }

  async picture(): Promise<Picture> {
    const { title, asks, byHand = [] } = this.#scene
    while (!this.#isOver()) {
      for (const { second, act } of byHand) if (second === this.#second) await act(this.#engine)
      await this.#ask()
      for (const part of this.#parts) await this.#mark(part)
      await this.#pass()
    }
    const all = Object.keys(asks)
    const isOne = all.length === 1
    const events = all.map(who => ({ label: isOne ? 'events' : who, marks: asks[who] ?? '' }))
    return {
      title,
      rows: byHand.length === 0 ? events : [...events, { label: 'by hand', marks: words(byHand) }],
      lanes: all.flatMap(who =>
        this.#parts.filter(part => part.who === who).map(part => this.#lane(part)),
      ),
    }
  }

  #isOver(): boolean {
    const { asks, byHand = [] } = this.#scene
    const hasMore =
      Object.values(asks).some(names => names.length > this.#second) ||
      byHand.some(({ second }) => second >= this.#second)
    const isQuiet = this.#parts.every(({ hasEnded }) => hasEnded)
    return this.#second === LONGEST || (!hasMore && isQuiet)
  }

  async #ask(): Promise<void> {
    for (const [who, names] of Object.entries(this.#scene.asks)) {
      const name = names[this.#second] ?? ' '
      if (name === ' ') continue
      const known = new Set(this.#engine.runs().map(({ id }) => id))
      await this.#engine.send(asked({ who, name }))
      const run = this.#engine.runs().find(({ id }) => !known.has(id))
      if (run === undefined) continue
      const from = this.#second
      this.#parts.push({ who, name, from, run, marks: '', gathered: 0, hasEnded: false })
    }
    await this.#engine.settle()
  }

  async #pass(): Promise<void> {
    await this.#engine.advance('1s')
    this.#second++
    for (const { ends, end } of this.#bodies) if (ends <= this.#engine.now.getTime()) end()
    await this.#engine.settle()
  }

  #time(seconds: number, signal: AbortSignal): Promise<void> {
    const ends = this.#engine.now.getTime() + seconds * 1_000
    return new Promise((resolve, reject) => {
      this.#bodies.push({ ends, end: resolve })
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  }

  async #mark(part: Part): Promise<void> {
    if (part.hasEnded) return
    const { status } = part.run
    const end = ENDS[status]
    part.hasEnded = end !== undefined
    part.marks += end ?? this.#stateOf(part, (await this.#engine.why(part.run)).waitsFor)
  }

  #stateOf(part: Part, waitsFor: readonly Reason[]): string {
    const gathers = waitsFor.find(reason => reason.kind === 'gather')
    if (gathers !== undefined) {
      const isMore = gathers.count > part.gathered
      part.gathered = gathers.count
      return isMore ? (this.#scene.asks[part.who]?.[this.#second] ?? '~') : '~'
    }
    const step = waitsFor.find(reason => reason.kind === 'step')
    if (step?.executes) return '#'
    return step !== undefined || waitsFor.some(({ kind }) => kind === 'turn') ? '.' : '-'
  }

  #lane({ who, name, from, run, marks }: Part): Lane {
    const isOne = Object.keys(this.#scene.asks).length === 1
    return { label: isOne ? name : `${who} ${name}`, from, marks, note: this.#noteOf(name, run) }
  }

  #noteOf(name: string, { status, reason = '', by, output }: TestRun): string {
    if (status === 'completed') return output === name ? '' : String(output)
    const other = this.#parts.find(({ run }) => run.id === by)
    return `${status}: ${reason}${other === undefined ? '' : `, by ${other.name}`}`
  }
}

const ENDS: Partial<Record<TestRun['status'], string>> = {
  completed: '|',
  skipped: 'x',
  cancelled: '/',
  failed: '!',
}

const words = (byHand: readonly ByHand[]): string =>
  byHand.reduce((marks, { second, name }) => `${marks.padEnd(second)}${name}`, '')
