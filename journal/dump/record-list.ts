import type { CommittedRecord } from '../commit.ts'

/** Of each record what its commit must say: a few numbers, since there may be millions. */
export class RecordList {
  readonly #runs: string[] = []
  #run = new Uint32Array(1024)
  #seq = new Uint32Array(1024)
  #check = new Uint32Array(1024)
  #at = new Float64Array(1024)
  #elapsed = new Float64Array(1024)
  #count = 0

  add(run: string, seq: number, check: number, at: number, elapsed: number): void {
    if (this.#runs.at(-1) !== run) this.#runs.push(run)
    if (this.#count === this.#run.length) this.#grow()
    const place = this.#count++
    this.#run[place] = this.#runs.length - 1
    this.#seq[place] = seq
    this.#check[place] = check
    this.#at[place] = at
    this.#elapsed[place] = elapsed
  }

  get count(): number {
    return this.#count
  }

  /** As they were committed: by their times, of one time by run and seq. */
  *inOrder(): Generator<TimedRecord> {
    const [at, elapsed] = [this.#at, this.#elapsed]
    const order = Uint32Array.from({ length: this.#count }, (_, place) => place)
    order.sort((a, b) => elapsed[a]! - elapsed[b]! || at[a]! - at[b]! || a - b)
    for (const place of order) {
      const run = this.#runs[this.#run[place]!]!
      const row = [run, this.#seq[place]!, this.#check[place]!] as const
      yield { row, at: at[place]!, elapsed: elapsed[place]! }
    }
  }

  #grow(): void {
    this.#run = larger(this.#run, new Uint32Array(2 * this.#count))
    this.#seq = larger(this.#seq, new Uint32Array(2 * this.#count))
    this.#check = larger(this.#check, new Uint32Array(2 * this.#count))
    this.#at = larger(this.#at, new Float64Array(2 * this.#count))
    this.#elapsed = larger(this.#elapsed, new Float64Array(2 * this.#count))
  }
}

export interface TimedRecord {
  readonly row: CommittedRecord
  readonly at: number
  readonly elapsed: number
}

function larger<Numbers extends Uint32Array | Float64Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from)
  return to
}
