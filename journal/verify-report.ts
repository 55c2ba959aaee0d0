import { JournalError } from './error.ts'
import type { KeyRange } from './keys.ts'
import type { Store } from './store.ts'

/** One thing that is wrong with a journal. */
export interface Finding {
  /** A key of the store, or a file of the directory and a byte in it: `000005.log, byte 7`. */
  readonly place: string
  /** What is wrong there, as a sentence without its subject: `it is missing`. */
  readonly what: string
  /** The run it concerns, if it is one run. */
  readonly run?: string
}

/** One look at a range of the store, row by row. What `see` throws is a finding about its row. */
export interface Pass {
  readonly range: KeyRange
  see(key: string, value: Uint8Array): void
}

/** Gathers findings while rows are looked at, and counts what was read. */
export class Report {
  #findings: Finding[] = []
  readonly #onProgress: ((bytes: number) => void) | undefined
  bytes = 0

  /** `onProgress` is told now and then how much was read so far. */
  constructor(onProgress?: (bytes: number) => void) {
    this.#onProgress = onProgress
  }

  tellProgress(): void {
    this.#onProgress?.(this.bytes)
  }

  add(place: string, what: string, run?: string): void {
    this.#findings.push(run === undefined ? { place, what } : { place, what, run })
  }

  addError(place: string, error: unknown, run?: string): void {
    this.add(place, faultOf(error), run)
  }

  take(): readonly Finding[] {
    const taken = this.#findings
    if (taken.length > 0) this.#findings = []
    return taken
  }
}

/** Walks one pass over the store. A chunk at a time, so that rows cost no promises. */
export async function* walk(store: Store, pass: Pass, report: Report): AsyncGenerator<Finding> {
  try {
    for await (const chunk of store.scan(pass.range)) {
      for (const [key, value] of chunk) {
        report.bytes += key.length + value.length
        try {
          pass.see(key, value)
        } catch (error) {
          report.addError(key, error)
        }
      }
      report.tellProgress()
      yield* report.take()
    }
  } catch (error) {
    report.add(pass.range.gte, `the rows from here on cannot be read: ${faultOf(error)}`)
  }
  yield* report.take()
}

export function faultOf(error: unknown): string {
  if (error instanceof JournalError && typeof error.facts.fault === 'string') {
    return error.facts.fault
  }
  return error instanceof Error ? error.message : String(error)
}
