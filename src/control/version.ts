import { readFileSync } from 'node:fs'

/** The release of this package; `unknown` where it has become part of another bundle. */
export function packageVersion(): string {
  // The file is at another depth in the sources and in the build; some bundles have no URL.
  if (!URL.canParse(import.meta.url)) return 'unknown'
  for (let at = new URL('..', import.meta.url); ; at = new URL('..', at)) {
    const version = versionIn(at)
    if (version !== undefined) return version
    if (at.pathname === new URL('..', at).pathname) return 'unknown'
  }
}

function versionIn(folder: URL): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'))
    const { name, version } = Object(manifest)
    return name === 'perdure' && typeof version === 'string' ? version : undefined
  } catch {
    // There is none, or it is none.
    return undefined
  }
}
