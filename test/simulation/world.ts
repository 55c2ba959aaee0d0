import { type Engine, type EngineOptions, openEngine } from 'perdure'
import { timeOrderedIds } from '../../src/ports/ids.ts'
import { VirtualClock } from '../../src/testing/clock.ts'
import { Disk } from '../../src/testing/disk.ts'

/** An engine on a simulated disk and a virtual clock, with the levers to move both. */
export class World {
  readonly clock = new VirtualClock()
  readonly disk = new Disk()
  readonly logged: { level: string; facts: Record<string, unknown>; message: string }[] = []
  #ids = timeOrderedIds(size => new Uint8Array(size))
  #engine: Engine | undefined
  #options: Omit<EngineOptions, 'path'>

  constructor(options: Omit<EngineOptions, 'path'>) {
    this.#options = options
  }

  get engine(): Engine {
    if (this.#engine === undefined) throw new Error('the engine is not open')
    return this.#engine
  }

  async open(options: Partial<EngineOptions> = {}): Promise<Engine> {
    this.#options = { ...this.#options, ...options }
    const level = (name: string) => (facts: object, message: string) => {
      this.logged.push({ level: name, facts: { ...facts }, message })
    }
    this.#engine = await openEngine({
      logger: {
        debug: level('debug'),
        info: level('info'),
        warn: level('warn'),
        error: level('error'),
      },
      ...this.#options,
      path: 'simulated',
      store: this.disk.open(),
      clock: this.clock,
      ids: this.#ids,
    })
    return this.#engine
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    let quiet = 0
    let before = ''
    while (quiet < 12) {
      await new Promise(resolve => setImmediate(resolve))
      const now = JSON.stringify([this.#engine?.stats(), this.disk.writes])
      quiet = now === before ? quiet + 1 : 0
      before = now
    }
  }

  /** Lets time pass, and everything happen that it brings. */
  async advance(ms: number): Promise<void> {
    await this.settle()
    for (let left = ms; left >= 0; ) {
      const passed = this.clock.pass(left)
      await this.settle()
      if (left === 0 && (this.clock.next() ?? Infinity) > this.clock.elapsed()) return
      left -= passed
    }
  }

  /** The process dies: memory is gone, the disk stays. */
  crash(): void {
    this.disk.crash()
    this.clock.forget()
    this.#engine = undefined
  }

  async restart(options: Partial<EngineOptions> = {}): Promise<Engine> {
    this.crash()
    return this.open(options)
  }
}
