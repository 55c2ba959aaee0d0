import { execFile, execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const SCRIPT = fileURLToPath(new URL('in-terminal.py', import.meta.url))

export interface Shown {
  /** `null`: it ended by the signal. */
  readonly status: number | null
  readonly signal: number | null
  readonly out: string
}

export interface TerminalOptions {
  readonly columns?: number
  readonly rows?: number
  /** What to type once something was printed, in order. */
  readonly typed?: readonly (readonly [shown: string, keys: string])[]
  readonly env?: NodeJS.ProcessEnv
}

/** Whether there is what gives a command a terminal of its own; says so loudly if not. */
export function hasTerminals(): boolean {
  try {
    execFileSync('python3', ['-c', 'import pty, fcntl, termios'], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('NOT TESTED: no terminal can be made, for want of python3 and its module pty')
    return false
  }
}

/** Runs a command in a terminal of its own. */
export async function inTerminal(
  command: readonly string[],
  { columns = 100, rows = 60, typed = [], env = {} }: TerminalOptions = {},
): Promise<Shown> {
  const args = [SCRIPT, String(columns), String(rows), JSON.stringify(typed), ...command]
  const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...inherited } = process.env
  const all = { ...inherited, TERM: 'xterm-256color', ...env }
  const { stdout } = await promisify(execFile)('python3', args, { env: all, maxBuffer: 64 << 20 })
  return JSON.parse(stdout)
}
