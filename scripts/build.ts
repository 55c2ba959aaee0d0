import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle, bundledPackages, dependencies, entries } from './bundle.ts'
import { keepReachable } from './declarations.ts'
import { licensesOf } from './licenses.ts'

/** Completes dist, where the compiler has put the declarations: code, maps, licences. */
const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')

const isLibrary = (entry: string): boolean => !entry.startsWith('src/cli/')

const packages = bundledPackages(await bundle(dist))
keepReachable(dist, entries.filter(isLibrary), await dependencies())
writeFileSync(join(dist, 'licenses.txt'), licensesOf(packages, join(root, 'node_modules')))
