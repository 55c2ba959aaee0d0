// Bundles are often given a `createRequire` of their own.
import { createRequire as requireFrom } from 'node:module'

/** The release of this package; `unknown` where it has become part of another bundle. */
export function packageVersion(): string {
  try {
    // By the package's own name: the file is at another depth before and after the build.
    const found: unknown = requireFrom(import.meta.url)('perdure/package.json')
    const isPackage = typeof found === 'object' && found !== null && 'version' in found
    return isPackage ? String(found.version) : 'unknown'
  } catch {
    return 'unknown'
  }
}
