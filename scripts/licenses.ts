import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The licences of packages, as one text: whoever passes a copy on has to pass them on with it. */
export function licensesOf(packages: readonly string[], modules: string): string {
  return packages.map(name => section(name, join(modules, name))).join('\n')
}

function section(name: string, folder: string): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  const file = readdirSync(folder).find(other => /^licen[cs]e/i.test(other))
  if (file === undefined) throw new Error(`${name} has no licence to pass on`)
  return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
}
