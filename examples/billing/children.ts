import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Processes that end with this one: when it is done, when it fails, at Ctrl-C. */
export class Children {
  readonly #running = new Set<ChildProcess>()

  constructor() {
    process.once('exit', () => {
      for (const child of this.#running) child.kill('SIGKILL')
    })
    process.once('SIGINT', () => process.exit(130))
    process.once('SIGTERM', () => process.exit(143))
  }

  /** Runs a program with the flags of this one. */
  start(program: URL, ...args: string[]): Child {
    const child = fork(fileURLToPath(program), args)
    this.#running.add(child)
    const ended = new Promise<string>(resolve => {
      child.once('exit', (code, signal) => {
        this.#running.delete(child)
        resolve(signal ?? `exit code ${code}`)
      })
    })
    return { process: child, pid: child.pid ?? 0, ended }
  }
}

export interface Child {
  readonly process: ChildProcess
  readonly pid: number
  /** Resolves to how it ended: the name of a signal, or `exit code 0`. */
  readonly ended: Promise<string>
}
