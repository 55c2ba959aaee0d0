import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

/** One change to the text of a source file, made while the program is bundled. */
export interface Patch {
  /** Relative to the root of the project. */
  readonly file: string
  /** Must occur exactly once. */
  readonly find: string
  readonly replace: string
}

const root = fileURLToPath(new URL('../../', import.meta.url))

// LevelDB and msgpackr bring native code, and find it from where they lie.
const EXTERNAL = ['classic-level', 'abstract-level', 'level', 'memory-level', 'msgpackr']

/**
 * Makes one file of a program in test/laws, with patched sources, and returns its path. It lies in
 * node_modules/.cache, from where it finds its packages. Throws if a patch does not fit.
 */
export async function bundle(
  entry: string,
  name: string,
  patches: readonly Patch[] = [],
): Promise<string> {
  const outfile = `${root}node_modules/.cache/perdure-laws/${name}-${process.pid}.mjs`
  const applied = new Set<Patch>()
  await build({
    entryPoints: [`${root}test/laws/${entry}`],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: EXTERNAL,
    alias: { perdure: `${root}src/index.ts` },
    plugins: [patching(patches, applied)],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'silent',
  })
  const idle = patches.find(patch => !applied.has(patch))
  if (idle !== undefined) throw new Error(`${idle.file} is not part of the program`)
  return outfile
}

const patching = (patches: readonly Patch[], applied: Set<Patch>): Plugin => ({
  name: 'patches',
  setup({ onLoad }) {
    for (const file of new Set(patches.map(patch => patch.file))) {
      onLoad({ filter: new RegExp(`/${escaped(file)}$`) }, async ({ path }) => {
        if (path !== root + file) return undefined
        let contents = await readFile(path, 'utf8')
        for (const patch of patches.filter(other => other.file === file)) {
          contents = patched(contents, patch)
          applied.add(patch)
        }
        return { contents, loader: 'ts' }
      })
    }
  },
})

function patched(contents: string, { file, find, replace }: Patch): string {
  const [before, after, ...more] = contents.split(find)
  if (before === undefined || after === undefined || more.length > 0) {
    const times = after === undefined ? 0 : more.length + 1
    throw new Error(`${JSON.stringify(find)} occurs ${times} times in ${file}, not once`)
  }
  return before + replace + after
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
