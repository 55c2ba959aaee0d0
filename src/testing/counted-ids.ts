import type { Ids } from '../ports/ids.ts'

const RUN = /^run_(\d+)$/

/**
 * Ids that do not depend on time or on how often the process has died: the third run on the disk is
 * the third, and draws what the third draws. So schedules that differ in a crash alone can be
 * compared.
 */
export class CountedIds implements Ids {
  readonly #recorded: () => readonly string[]
  #runs: number | undefined
  #events = 0

  /** `recorded` gives the ids of all runs that are on the disk. */
  constructor(recorded: () => readonly string[]) {
    this.#recorded = recorded
  }

  run(): string {
    this.#runs ??= Math.max(0, ...this.#recorded().map(id => Number(RUN.exec(id)?.[1] ?? 0)))
    return `run_${String(++this.#runs).padStart(6, '0')}`
  }

  event(): string {
    return `evt_${String(++this.#events).padStart(6, '0')}`
  }

  journal(): string {
    return 'simulated'
  }

  seed(run: string): string {
    return run
  }

  /** The process has died: ids that it gave and did not record are free again. */
  forget(): void {
    this.#runs = undefined
  }
}
