import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'
import { type Group, gather, partsOf } from './gathered.ts'
import { levelInside, levelPackages } from './level-inside.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

// Left out again where nothing requires anything.
const REQUIRE =
  "import { createRequire as requireOf } from 'node:module'; const require = /* @__PURE__ */ requireOf(import.meta.url);"

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
  const command = await commandBundle(outdir, external)
  return {
    inputs: { ...library.inputs, ...command.inputs },
    outputs: { ...library.outputs, ...command.outputs },
  }
}

/** Its comments and blanks are a third of what node would have to read. */
const SMALL = { minifyWhitespace: true, minifySyntax: true } as const

/** Files of the command that are always loaded together, in the order in which they are loaded. */
const TOGETHER: readonly Group[] = [
  { name: 'base', sources: ['src/cli/main.ts'], isBelow: true },
  { name: 'list', sources: ['src/cli/list.ts', 'src/cli/opened.ts', 'src/control/dial.ts'] },
  { name: 'copy', sources: ['journal/open-reader.ts'] },
  { name: 'values', sources: ['src/cli/run-note.ts'] },
  { name: 'rows', sources: ['journal/first-look.ts', 'src/inspect/stored-source.ts'] },
]

async function commandBundle(outdir: string, external: readonly string[]): Promise<Metafile> {
  const apart = join(outdir, '.apart')
  const plugins = [late, levelInside]
  const inside = external.filter(name => !levelPackages.includes(name))
  const metafile = await written(['src/cli/main.ts'], 'command', apart, inside, {
    ...SMALL,
    plugins,
    // For what is no ES module, and requires modules of node.
    banner: { js: REQUIRE },
  })
  const options = { ...COMMON, ...SMALL, external: [...external] }
  const parts = partsOf(metafile, ROOT)
  const where = { from: apart, into: outdir, folder: 'command' }
  const outputs = await gather(parts, { options, ...where, groups: TOGETHER })
  await rm(apart, { recursive: true })
  return { inputs: metafile.inputs, outputs }
}

async function written(
  entryPoints: string[],
  shared: string,
  outdir: string,
  external: string[],
  options: BuildOptions = {},
): Promise<Metafile> {
  const { metafile } = await build({
    ...COMMON,
    ...options,
    entryPoints,
    outbase: ROOT,
    outdir,
    // One folder down, like the entries: journal/call-site.ts counts on it.
    chunkNames: `${shared}/[name]-[hash]`,
    splitting: true,
    external,
    metafile: true,
  })
  return metafile
}

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  treeShaking: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions

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

/**
 * Makes what takes long to make when it is asked for, which most commands never do: the first
 * segmenter takes 20 ms, the first look at Unicode's tables for a pattern 15.
 */
const late: Plugin = {
  name: 'late',
  setup: ({ onLoad }) => {
    onLoad({ filter: /node_modules\/string-width\/index\.js$/ }, ({ path }) =>
      changed(path, [
        [
          'const segmenter = new Intl.Segmenter();',
          'const segmenter = { segment: text => new Intl.Segmenter().segment(text) };',
        ],
        ...['visibleCharacterRegex', 'spacingMarkRegex', 'rgiEmojiRegex'].map(latePattern),
      ]),
    )
    onLoad({ filter: /node_modules\/commander\/lib\/command\.js$/ }, ({ path }) =>
      changed(path, [
        [
          "const childProcess = require('node:child_process');",
          "const childProcess = { spawn: (...all) => require('node:child_process').spawn(...all) };",
        ],
      ]),
    )
  },
}

type Change = readonly [before: string | RegExp, after: string]

/** Even in a function that is never called a literal would be looked at when the file is compiled. */
const latePattern = (name: string): Change => [
  new RegExp(`const ${name} = /(.*)/v;`),
  `let ${name}Made;
const ${name}Late = () => (${name}Made ??= new RegExp(String.raw\`$1\`, 'v'));
const ${name} = {
  test: text => ${name}Late().test(text),
  [Symbol.search]: text => ${name}Late()[Symbol.search](text),
};`,
]

async function changed(path: string, changes: readonly Change[]): Promise<{ contents: string }> {
  let contents = await readFile(path, 'utf8')
  for (const [before, after] of changes) {
    const text = contents.replace(before, after)
    if (text === contents) throw new Error(`${path} has no ${before} any more`)
    contents = text
  }
  return { contents }
}
