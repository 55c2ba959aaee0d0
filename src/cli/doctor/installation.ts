import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packageVersion } from '../../control/version.ts'
import type { Check } from '../records/doctor.ts'

const NEEDED = [20, 19] as const

/** What runs, and what is installed. */
export async function installationChecks(cwd: string): Promise<readonly Check[]> {
  return [nodeCheck(process.versions.node), packageCheck(), await levelCheck(), copiesCheck(cwd)]
}

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const what = `${version} on ${process.platform} ${process.arch}`
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) {
    return { name: 'node', status: 'ok', what }
  }
  const fix = `Install node ${NEEDED.join('.')} or later.`
  return { name: 'node', status: 'failed', what, fix }
}

const packageCheck = (): Check => ({ name: 'perdure', status: 'ok', what: packageVersion() })

/** LevelDB is code of the platform: it is missing where packages were installed for another one. */
async function levelCheck(): Promise<Check> {
  const name = 'LevelDB'
  try {
    await import('../../../journal/working-copy.ts')
    return { name, status: 'ok', what: 'its binding loads' }
  } catch (error) {
    const what = `its binding does not load: ${error instanceof Error ? error.message : error}`
    const fix = 'Remove node_modules and install again, on this platform, with scripts allowed.'
    return { name, status: 'failed', what, fix }
  }
}

/** Two copies know nothing of each other: an error of one is no instance of the other's class. */
export function copiesCheck(cwd: string): Check {
  const name = 'copies'
  const found = [...new Set(copiesAbove(cwd))]
  const told = found.map(({ path, version }) => `${version} in ${path}`).join(', ')
  if (found.length > 1) {
    const what = `${found.length} of perdure: ${told}`
    return { name, status: 'warning', what, fix: 'npm dedupe, or ask for one version everywhere.' }
  }
  return { name, status: 'ok', what: told === '' ? 'none in node_modules here' : told }
}

interface Copy {
  readonly path: string
  readonly version: string
}

function copiesAbove(cwd: string): readonly Copy[] {
  const found = new Map<string, Copy>()
  for (let folder = cwd; ; folder = dirname(folder)) {
    for (const modules of nested(join(folder, 'node_modules'))) {
      const copy = copyIn(join(modules, 'perdure'))
      if (copy !== undefined) found.set(copy.path, copy)
    }
    if (folder === dirname(folder)) return [...found.values()]
  }
}

/** The folder, and those of the packages in it. */
function nested(modules: string): readonly string[] {
  const packages = namesIn(modules).flatMap(name =>
    name.startsWith('@') ? namesIn(join(modules, name)).map(inner => join(name, inner)) : [name],
  )
  return [modules, ...packages.map(name => join(modules, name, 'node_modules'))]
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter(name => !name.startsWith('.'))
  } catch {
    return []
  }
}

function copyIn(folder: string): Copy | undefined {
  try {
    const path = realpathSync(folder)
    const { name, version } = Object(JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')))
    return name === 'perdure' ? { path, version: String(version) } : undefined
  } catch {
    return undefined
  }
}
