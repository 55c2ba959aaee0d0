import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Opens `dir` by LevelDB alone in another process: `opened`, or the code it was refused with. */
export async function openInProcess(dir: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', BARE_OPENING, dir],
    { cwd: root },
  )
  return stdout.trim()
}

const MODULE = ['--input-type=module', '--eval']
const TYPESCRIPT = ['--import', 'tsx']
const BARE_OPENING = `
  import { Level } from 'level'
  const db = new Level(process.argv[1], { createIfMissing: false })
  const outcome = await db.open().then(() => 'opened', error => error.cause?.code ?? error.code)
  console.log(outcome)
  await db.close()
`

/** A process that runs `script` and says lines. */
export interface Speaker {
  readonly pid: number
  /** The next line it prints. */
  line(): Promise<string>
  /** Writes a line to it. */
  tell(line: string): void
  stop(signal: NodeJS.Signals): void
  readonly ended: Promise<unknown>
}

/** `script` is a module that can import from the project's root, and TypeScript by URL. */
export function speakerFor(script: string, ...args: readonly string[]): Speaker {
  const child = spawn(
    process.execPath,
    [...(script.includes('import(url)') ? TYPESCRIPT : []), ...MODULE, script, ...args],
    { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const lines: string[] = []
  const waiting: ((line: string) => void)[] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const next = waiting.shift()
      if (next === undefined) lines.push(part)
      else next(part)
    }
  })
  const ended = once(child, 'exit')
  return {
    pid: child.pid ?? 0,
    ended,
    line: () => {
      const ready = lines.shift()
      if (ready !== undefined) return Promise.resolve(ready)
      const gone = ended.then(() => Promise.reject(new Error('the process ended without a word')))
      return Promise.race([new Promise<string>(resolve => void waiting.push(resolve)), gone])
    },
    tell: line => void child.stdin.write(`${line}\n`),
    stop: signal => void child.kill(signal),
  }
}
