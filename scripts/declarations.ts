import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, resolve } from 'node:path'

/**
 * Keeps the declarations that the entries lead to, and removes the others. Throws if one that is
 * kept names a package which is not installed along with this one.
 */
export function keepReachable(
  dist: string,
  entries: readonly string[],
  dependencies: readonly string[],
): void {
  const kept = new Set<string>()
  const visit = (file: string): void => {
    if (kept.has(file)) return
    kept.add(file)
    for (const from of importsOf(file)) {
      if (from.startsWith('.')) visit(declarationOf(resolve(dirname(file), from)))
      else if (!isInstalled(from, dependencies)) throw new Error(`${file} names ${from}`)
    }
  }
  for (const entry of entries) visit(declarationOf(join(dist, entry)))
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const file = join(dist, name)
    if (file.endsWith('.d.ts') && !kept.has(file)) rmSync(file)
  }
}

const IMPORT = /\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, from = '']) => from)

const declarationOf = (file: string): string => file.replace(/\.[jt]s$/, '.d.ts')

function isInstalled(from: string, dependencies: readonly string[]): boolean {
  if (from.startsWith('node:') || builtinModules.includes(from)) return true
  return dependencies.some(name => from === name || from.startsWith(`${name}/`))
}
