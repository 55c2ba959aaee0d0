import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'
import { UsageError } from './usage.ts'

const DEFAULT = '.perdure'

/**
 * Where the journal is: the flag says it, or PERDURE_DIR, or `"perdure": { "dir" }` in the nearest
 * package.json, or the nearest directory has a `.perdure`. Throws NOT_FOUND.
 */
export function journalPlace({ dir }: Globals, { env, cwd }: Pick<Io, 'env' | 'cwd'>): string {
  if (dir !== undefined) return dir === '-' ? dir : resolve(cwd, dir)
  const { PERDURE_DIR } = env
  if (PERDURE_DIR !== undefined && PERDURE_DIR !== '') return resolve(cwd, PERDURE_DIR)
  for (let folder = cwd; ; folder = dirname(folder)) {
    const named = dirInManifest(folder)
    if (named !== undefined) return resolve(folder, named)
    const usual = join(folder, DEFAULT)
    if (existsSync(usual)) return usual
    if (folder === dirname(folder)) break
  }
  throw new UsageError('NOT_FOUND', 'No journal is named, and none is found here.', {
    hint: 'Name its directory: -d ./data, PERDURE_DIR=./data, or "perdure": { "dir": "./data" } in package.json.',
    facts: { cwd },
  })
}

function dirInManifest(folder: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const dir = Object(Object(manifest).perdure).dir
    return typeof dir === 'string' ? dir : undefined
  } catch {
    // There is none, or it is none.
    return undefined
  }
}
