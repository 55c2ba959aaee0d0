import { PerdureError } from '../../journal/error.ts'
import { aside } from './aside.ts'
import type { Exit } from './exit.ts'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'
import { plain } from './plain.ts'
import { statusOf } from './usage.ts'

/** Tells a person, or with `json` a program, what went wrong and what to do next. */
export async function tellFailure(
  error: unknown,
  io: Pick<Io, 'err' | 'cwd' | 'env'>,
  json: boolean,
  globals: Globals = {},
): Promise<Exit> {
  const status = statusOf(error)
  const message = error instanceof Error ? error.message : String(error)
  if (json) {
    const facts =
      error instanceof PerdureError
        ? error.toJSON()
        : { code: 'INTERNAL', message, hint: '', facts: {} }
    const told = { v: 1, kind: 'error', ...facts, exit: status }
    await io.err.write(`${JSON.stringify(told)}\n`)
    return status
  }
  const hint = error instanceof PerdureError ? [`  ${plain(error.hint)}`] : []
  await aside([`perdure: ${plain(message)}`, ...hint], { io, globals }, 'red')
  return status
}
