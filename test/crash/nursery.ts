import { type ChildProcess, spawn } from 'node:child_process'
import type { Orders } from './child.ts'

/** How a life ended. */
export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
  /** The last thing it said: `opening`, `open`, `closing`, or nothing. */
  readonly said: string
  /** Whether it lived longer than it ever should. */
  readonly overdue: boolean
}

/** Nothing is heard of a life for so long: it hangs. */
const LONGEST_MS = 20_000
/** One that does not get to where it would kill itself is killed, so long after opening. */
const PATIENCE_MS = 300

/** Starts processes ahead of time, so that a life does not wait for its code to load. */
export class Nursery {
  readonly #file: string
  #spare: ChildProcess | undefined

  constructor(file: string) {
    this.#file = file
    this.#spare = this.#spawn()
  }

  /** One life, from its orders to its end. */
  live(orders: Orders): Promise<End> {
    const child = this.#spare ?? this.#spawn()
    this.#spare = this.#spawn()
    return new Promise((resolve, reject) => {
      let stderr = ''
      let said = ''
      let overdue = false
      const alarms: NodeJS.Timeout[] = []
      const killAfter = (ms: number): void => {
        alarms.push(setTimeout(() => child.kill('SIGKILL'), ms))
      }
      const hear = (word: string): void => {
        said = word
        const { death } = orders
        if (death.by === 'parent' && death.since === word) killAfter(death.after)
        else if (death.by === 'self' && word === 'open') killAfter(PATIENCE_MS)
      }
      alarms.push(
        setTimeout(() => {
          overdue = true
          child.kill('SIGKILL')
        }, LONGEST_MS),
      )
      child.stdout?.on('data', data => {
        for (const word of String(data).trim().split('\n')) hear(word)
      })
      child.stderr?.on('data', data => {
        stderr += data
      })
      child.once('error', reject)
      child.once('close', (code, signal) => {
        for (const alarm of alarms) clearTimeout(alarm)
        resolve({ code, signal, stderr, said, overdue })
      })
      child.stdin?.write(`${JSON.stringify(orders)}\n`)
    })
  }

  close(): void {
    this.#spare?.kill('SIGKILL')
    this.#spare = undefined
  }

  #spawn(): ChildProcess {
    const child = spawn(process.execPath, [this.#file], { stdio: 'pipe' })
    child.stdin.on('error', () => {})
    return child
  }
}
