import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll } from 'vitest'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The package once more in this thread, as when two versions are installed: no module is shared. */
export async function secondCopy(): Promise<typeof import('perdure')> {
  // From here it finds its packages. LevelDB's binding is one for the whole process anyway.
  const outfile = here(`../../node_modules/.cache/perdure-copy/copy-${process.pid}.mjs`)
  await build({
    entryPoints: [here('../../src/index.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  })
  afterAll(() => rm(outfile, { force: true }))
  return import(/* @vite-ignore */ outfile)
}
