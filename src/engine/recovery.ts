import type { Recovery as Left } from '../../journal/recovery.ts'
import type { Logger } from '../define/logger.ts'
import type { Clock } from '../ports/clock.ts'

export interface RecoveryHost {
  readonly logger: Logger
  /** A run that was alone at so many deaths in a row is parked. */
  readonly deathsPerRun: number
  /** Writes down how far it has got, or removes what was written. Resolves when it is on disk. */
  write(left: Left | undefined): Promise<void>
  /** Calls back once after so many milliseconds. Returns how to call it off. */
  alarm: Clock['alarm']
  failed(error: unknown): void
}

/** What is to be known of a run to say whether it got through. */
export interface Recovering {
  readonly id: string
  readonly entries: number
  /** Nothing happens to it before its next timer. */
  readonly rests: boolean
}

/** Every process dies some time. From this death in a row on, runs may have to do with it. */
const SUSPICIOUS = 2
/** Runs brought back at once then, unless they are suspects. */
const GROUP = 16
/** How long the process has to live on before its opening counts as one that went well. */
const CALM_MS = 60_000
/** How long a group is waited for: longer with every death, as some take time to kill. */
const LONGEST_WAIT = 30_000
const waitAfter = ({ deaths }: Left): number =>
  Math.min(LONGEST_WAIT, 1_000 * 2 ** Math.max(0, deaths - SUSPICIOUS))

/** What an opening writes down, after what it found; nothing if there is no run to bring back. */
export function begunRecovery(left: Left | undefined, found: number): Left | undefined {
  if (found === 0) return undefined
  if (left === undefined) return { deaths: 0, suspects: [], trying: [], times: 0 }
  const { trying, suspects: before } = left
  const suspects = [...new Set([...trying, ...before])]
  const [lone] = trying
  const deaths = left.deaths + 1
  if (lone === undefined) return { ...left, deaths, suspects, trying: [] }
  if (trying.length > 1) return { deaths, suspects, trying: [], times: 0 }
  const times = left.lone === lone ? left.times + 1 : 1
  return { deaths, suspects, trying: [], lone, times }
}

/**
 * Brings runs back after the process has died in a row while it did: each group is named on disk
 * before it comes to life, and the next one waits until it got through. Those that were named at a
 * death come one by one, and one that was alone at several deaths is parked. In the ordinary case all
 * come at once.
 */
export class Recovery {
  readonly #host: RecoveryHost
  #left: Left | undefined
  /** Runs wait for their group. */
  #gated: boolean
  #stopped = false
  readonly #admitted = new Set<string>()
  readonly #waiting = new Map<string, (goOn: boolean) => void>()
  readonly #promises = new Map<string, Promise<boolean>>()
  /** The group that is being brought back, each with how many entries it had then. */
  readonly #trying = new Map<string, number | undefined>()
  #through: () => void = () => {}
  #callOff: (() => void) | undefined
  #culprit: string | undefined
  /** Runs that do not fit their code, as is known before they are brought back; and why. */
  readonly misfits = new Map<string, object>()

  constructor(host: RecoveryHost, left: Left | undefined) {
    this.#host = host
    this.#left = left
    this.#gated = left !== undefined && left.deaths >= SUSPICIOUS
    if (left !== undefined && left.times >= host.deathsPerRun) this.#culprit = left.lone
  }

  /** All that have to be brought back are known. */
  begin(found: readonly string[]): void {
    if (this.#gated) void this.#bringBack(new Set(found))
    else if (this.#left !== undefined) this.#calm()
  }

  get isGated(): boolean {
    return this.#gated
  }

  /** Resolves when the run may come to life: `false` if it does not any more. At once: nothing. */
  admit(run: string): Promise<boolean> | undefined {
    if (!this.#gated || this.#admitted.has(run)) return undefined
    if (this.#stopped) return Promise.resolve(false)
    const known = this.#promises.get(run)
    if (known !== undefined) return known
    const promise = new Promise<boolean>(resolve => this.#waiting.set(run, resolve))
    this.#promises.set(run, promise)
    return promise
  }

  /** How often the process died, if this run is the one that is to be parked for it. */
  takeDeaths(run: string): number | undefined {
    if (run !== this.#culprit) return undefined
    this.#culprit = undefined
    if (this.#left === undefined) return undefined
    const { deaths } = this.#left
    // With it gone the others need not wait for long.
    this.#left = { ...this.#left, deaths: SUSPICIOUS }
    return deaths
  }

  /** Why the run does not fit its code, if that is known already. */
  takeMisfit(run: string): object | undefined {
    const misfit = this.misfits.get(run)
    this.misfits.delete(run)
    return misfit
  }

  /** Something became of a run. */
  see({ id, entries, rests }: Recovering): void {
    if (!this.#trying.has(id)) return
    const before = this.#trying.get(id)
    if (before === undefined) this.#trying.set(id, entries)
    if (rests || entries > (before ?? entries)) this.leave(id)
  }

  /** The run got through, or there was nothing to bring back: it has ended. */
  leave(id: string): void {
    if (this.#trying.delete(id) && this.#trying.size === 0) this.#through()
  }

  get isTrying(): boolean {
    return this.#trying.size > 0
  }

  stop(): void {
    this.#stopped = true
    this.#callOff?.()
    this.#release(false)
  }

  /** The engine ends as it should. */
  async end(): Promise<void> {
    this.stop()
    if (this.#left !== undefined) await this.#write(undefined)
  }

  async #bringBack(found: ReadonlySet<string>): Promise<void> {
    const { deaths = 0, suspects = [] } = this.#left ?? {}
    this.#host.logger.warn({ deaths, suspects }, DIED)
    const alone = suspects.filter(run => found.has(run))
    const others = [...found].filter(run => !alone.includes(run))
    try {
      for (const run of alone) await this.#try([run])
      while (others.length > 0) await this.#try(others.splice(0, GROUP))
      if (this.#left === undefined || this.#stopped) return
      await this.#write({ deaths: this.#left.deaths, suspects: [], trying: [], times: 0 })
    } catch (error) {
      if (!this.#stopped) this.#host.failed(error)
      return
    }
    this.#gated = false
    this.#release(true)
    this.#calm()
  }

  async #try(group: readonly string[]): Promise<void> {
    if (this.#left === undefined || this.#stopped) return
    const { deaths, suspects, lone, times } = this.#left
    const untried = suspects.filter(run => !group.includes(run))
    const again = lone !== undefined && group[0] === lone ? { lone, times } : { times: 0 }
    await this.#write({ deaths, suspects: untried, trying: group, ...again })
    for (const run of group) {
      this.#trying.set(run, undefined)
      this.#admitted.add(run)
      this.#waiting.get(run)?.(true)
      this.#waiting.delete(run)
      this.#promises.delete(run)
    }
    await this.#whenThrough(waitAfter(this.#left))
    this.#trying.clear()
  }

  #whenThrough(ms: number): Promise<void> {
    return new Promise<void>(resolve => {
      if (this.#stopped) return resolve()
      this.#through = resolve
      this.#callOff = this.#host.alarm(ms, resolve)
    }).then(() => this.#callOff?.())
  }

  async #write(left: Left | undefined): Promise<void> {
    this.#left = left
    await this.#host.write(left)
  }

  #calm(): void {
    if (this.#stopped) return
    const calm = (): void => {
      this.#write(undefined).catch(error => {
        if (!this.#stopped) this.#host.failed(error)
      })
    }
    this.#callOff = this.#host.alarm(CALM_MS, calm, 'upkeep')
  }

  #release(goOn: boolean): void {
    this.#through()
    for (const resolve of this.#waiting.values()) resolve(goOn)
    this.#waiting.clear()
    this.#promises.clear()
  }
}

const DIED =
  'the process has died again and again while runs were brought back: they come in groups'
