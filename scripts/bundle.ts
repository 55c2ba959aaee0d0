import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What `exports` and `bin` of package.json name, as sources. */
export const entries = [
  'src/index.ts',
  'src/testing/index.ts',
  'src/testing/vitest.ts',
  'journal/index.ts',
  'src/cli/main.ts',
]

/**
 * Writes the entries as few files of JavaScript: node spends most of an import on finding and
 * opening files. What the entries of the library share lies in `chunks`, so each class is there once.
 * The command is a bundle of its own: it loads each of its commands when it is asked for, and would
 * cut the library into many more files. The package's dependencies stay outside; every other package
 * that is imported becomes part of it.
 */
export async function bundle(outdir: string): Promise<Metafile> {
  const isCommand = (entry: string): boolean => entry.startsWith('src/cli/')
  const external = await dependencies()
  const library = await written(
    entries.filter(entry => !isCommand(entry)),
    'chunks',
    outdir,
    external,
  )
  const command = await written(entries.filter(isCommand), 'command', outdir, external)
  return {
    inputs: { ...library.inputs, ...command.inputs },
    outputs: { ...library.outputs, ...command.outputs },
  }
}

async function written(
  entryPoints: string[],
  shared: string,
  outdir: string,
  external: string[],
): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints,
    outbase: ROOT,
    outdir,
    // One folder down, like the entries: journal/call-site.ts counts on it.
    chunkNames: `${shared}/[name]-[hash]`,
    bundle: true,
    splitting: true,
    treeShaking: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external,
    sourcemap: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  })
  return metafile
}

/** The names of the packages that are installed along with this one, or beside it. */
export async function dependencies(): Promise<string[]> {
  const manifest: { dependencies: object; peerDependencies: object } = JSON.parse(
    await readFile(`${ROOT}package.json`, 'utf8'),
  )
  return Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
}

/** The packages that have become part of the bundle. */
export function bundledPackages({ inputs }: Metafile): string[] {
  const names = Object.keys(inputs).flatMap(
    path => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
  )
  return [...new Set(names)].sort()
}
