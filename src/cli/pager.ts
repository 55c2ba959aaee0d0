import { spawn } from 'node:child_process'
import type { Io } from './io.ts'

/** What a shell says where there is no such command, or it cannot be run. */
const NOT_RUN = [126, 127]

/**
 * Shows a text by a command of the shell, until whoever reads it is done. False: the command does not
 * run, and nothing was shown.
 */
export async function page(command: string, text: string, env: Io['env']): Promise<boolean> {
  const child = spawn(command, {
    shell: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    // What less needs to end at once with what fits, to keep colours, and to leave the screen as it is.
    env: { ...process.env, LESS: env.LESS ?? 'FRX', LESSCHARSET: env.LESSCHARSET ?? 'utf-8' },
  })
  // Ctrl-C is the pager's own, which does not end by it.
  const listeners = process.listeners('SIGINT')
  process.removeAllListeners('SIGINT')
  const ignore = (): void => {}
  process.on('SIGINT', ignore)
  try {
    return await new Promise(resolve => {
      child.on('error', () => resolve(false))
      child.on('close', code => resolve(!NOT_RUN.includes(code ?? 0)))
      // It may be left before it has read everything.
      child.stdin.on('error', () => {})
      child.stdin.end(text)
    })
  } finally {
    process.off('SIGINT', ignore)
    for (const listener of listeners) process.on('SIGINT', listener)
  }
}
