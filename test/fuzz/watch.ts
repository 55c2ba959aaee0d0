import { Worker } from 'node:worker_threads'

/** A minute at one seed. */
const STUCK_MS = 60_000
const LOOK_MS = 1_000

/** Work that never lets go of its thread can only be seen, and ended, from another. */
const LOOK = `
const { writeSync } = require('node:fs')
const { workerData: at } = require('node:worker_threads')
let seen = at[0]
let since = performance.now()
setInterval(() => {
  if (at[0] !== seen) since = performance.now()
  seen = at[0]
  if (performance.now() - since < ${STUCK_MS}) return
  writeSync(2, 'seed ' + seen + ' stands still\\n')
  process.kill(process.pid, 'SIGKILL')
}, ${LOOK_MS})
`

/** Ends the process when the seed that it is at has been the same for too long. */
export class Watch {
  readonly #at = new Float64Array(new SharedArrayBuffer(8))
  readonly #worker = new Worker(LOOK, { eval: true, workerData: this.#at, execArgv: [] })

  constructor() {
    this.#worker.unref()
  }

  begins(seed: number): void {
    this.#at[0] = seed
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}
