import type { Group } from '../../journal/group.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Admission } from '../admission/admission.ts'
import type { RunLane, Waiting } from '../admission/run-lane.ts'
import { WINDOW } from '../admission/window.ts'
import { Bell, type BellHost } from './bell.ts'

export interface UsherHost extends BellHost {
  readonly admission: Admission
  readonly journal: Journal
  /** Lets runs begin, in one commit. */
  admit(choose: (group: Group) => readonly string[]): Promise<void>
  failed(error: unknown): void
}

/** Runs that are let in by one commit. */
const AT_ONCE = 64

/**
 * Lets those in that wait to begin: when somebody has left, and when it is time. That a run may
 * begin is put into its inbox in one commit with what that uses up.
 */
export class Usher {
  readonly #host: UsherHost
  readonly #bell: Bell
  #serving = false
  #again = false
  #stopped = false

  constructor(host: UsherHost) {
    this.#host = host
    // Limits in time count time that passes.
    const now = () => ({ wall: host.now().elapsed, elapsed: host.now().elapsed })
    this.#bell = new Bell({ now, alarm: host.alarm }, () => this.wake())
  }

  /** Somebody has left, or come. */
  wake(): void {
    this.#again = true
    if (!this.#serving && !this.#stopped) void this.#serve()
  }

  /** Somebody has left: that is nothing to anybody, as a rule. */
  wakeIfWaiting(): void {
    if (this.#host.admission.lobby.crowd().runs > 0) this.wake()
  }

  stop(): void {
    this.#stopped = true
    this.#bell.stop()
  }

  async #serve(): Promise<void> {
    this.#serving = true
    try {
      // Those who leave at once make room together.
      await NOTHING
      while (this.#again && !this.#stopped) {
        this.#again = false
        await this.#read()
        if (!this.#stopped) await this.#letIn()
      }
    } catch (error) {
      if (!this.#stopped) this.#host.failed(error)
    } finally {
      this.#serving = false
    }
    this.#bell.ringAt(this.#host.admission.lobby.wakeAt)
  }

  // Not waited for: while it is written, others may come.
  async #letIn(): Promise<void> {
    const { admission } = this.#host
    const now = this.#host.now().elapsed
    if (!admission.lobby.hasNext(now)) return
    await this.#host.admit(() => {
      const runs: string[] = []
      while (runs.length < AT_ONCE) {
        const next = admission.lobby.next(now)
        if (next === undefined) return runs
        runs.push(next.run)
      }
      this.#again = true
      return runs
    })
    this.#again = true
  }

  async #read(): Promise<void> {
    for (const lane of [...this.#host.admission.lobby.unread]) await this.#readLane(lane)
  }

  async #readLane(lane: RunLane): Promise<void> {
    const { lobby } = this.#host.admission
    const rows: Waiting[] = []
    const after = lane.window.beginReading()
    // Their rows may not be gone yet, and are read even if they begin meanwhile.
    const going = new Set(lobby.going)
    try {
      const most = WINDOW + going.size
      for await (const row of this.#host.journal.queued(lane.id, after, most)) {
        const { rank, place, run, bytes } = row
        if (!going.has(run)) rows.push({ key: run, rank, place, bytes })
        if (rows.length === WINDOW) break
      }
      lobby.fill(lane, rows, rows.length < WINDOW)
    } catch (error) {
      lane.window.failReading()
      throw error
    }
  }
}

const NOTHING = Promise.resolve()
