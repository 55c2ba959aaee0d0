import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// LevelDB's binding stays outside, and with it what it shares with the code that wraps it.
const EXTERNAL = ['classic-level', 'abstract-level', 'msgpackr']

/**
 * Makes one file of the process to be killed, which is child.ts of a folder of tests, in
 * node_modules/.cache, from where it finds its packages. It loads in a third of the time that the
 * sources take. Returns its path.
 */
export async function bundleChild(folder = 'crash'): Promise<string> {
  const outfile = here(`../../node_modules/.cache/perdure-${folder}/child-${process.pid}.mjs`)
  await build({
    entryPoints: [here(`../${folder}/child.ts`)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: EXTERNAL,
    alias: { perdure: here('../../src/index.ts') },
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  })
  return outfile
}
