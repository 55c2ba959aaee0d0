import { basename, dirname, join, relative, resolve } from 'node:path'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'

/** What is loaded together, as one file: the outputs that hold these sources, and all that they need. */
export interface Group {
  readonly name: string
  /** Entries, or sources that are imported when they are needed. */
  readonly sources: readonly string[]
  /** Only what they need: they stay where they are. */
  readonly isBelow?: boolean
}

export interface Gathering {
  readonly options: BuildOptions
  /** Where the outputs lie, and where they are to lie then. */
  readonly from: string
  readonly into: string
  /** Of the files that groups become, in `into`. */
  readonly folder: string
  readonly groups: readonly Group[]
}

/**
 * Writes outputs again, of which some have become one: node spends a millisecond on each file that it
 * loads, and esbuild makes as many as there are sets of entries that share something. A group takes
 * all that its sources import, unless an earlier one has it: so no two files import each other.
 * Gives what has become of the outputs.
 */
export async function gather(parts: Parts, gathering: Gathering): Promise<Metafile['outputs']> {
  const { options, from, into, folder, groups } = gathering
  const root = options.absWorkingDir ?? '.'
  const groupOf = groupsOf(parts, groups, root)
  const placeOf = (group: string): string => join(into, folder, `${group}.js`)
  const written: Metafile['outputs'] = {}
  const write = async (outfile: string, group: string | undefined, input: BuildOptions) => {
    const plugins = [across({ ...gathering, parts, groupOf, group, outfile })]
    const { metafile } = await build({ ...options, ...input, outfile, plugins, metafile: true })
    for (const [path, output] of Object.entries(metafile.outputs)) {
      written[path] = madeOf(path, output, parts, root)
    }
  }
  for (const group of new Set(groupOf.values())) {
    const members = [...parts].filter(([path]) => groupOf.get(path) === group)
    const lines = members.map(([path, { exports }]) => {
      const names = exports.map(name => `${name} as ${aliasOf(path, name)}`)
      return `export { ${names.join(', ')} } from ${JSON.stringify(`./${relative(from, path)}`)}`
    })
    await write(placeOf(group), group, { stdin: { contents: lines.join('\n'), resolveDir: from } })
  }
  for (const path of parts.keys()) {
    if (groupOf.has(path)) continue
    await write(join(into, relative(from, path)), undefined, { entryPoints: [path] })
  }
  return written
}

type Output = Metafile['outputs'][string]

/** An output by the sources that its parts were made of, and by where those lie that it imports. */
function madeOf(
  path: string,
  { inputs, imports, ...output }: Output,
  parts: Parts,
  root: string,
): Output {
  const known = Object.keys(inputs).flatMap(input => parts.get(resolve(root, input)) ?? [])
  return {
    ...output,
    inputs: Object.assign({}, ...known.map(part => part.inputs)),
    imports: imports.map(({ path: to, kind, external }) =>
      to.startsWith('.')
        ? { path: join(dirname(path), to), kind }
        : { path: to, kind, ...(external === true && { external }) },
    ),
  }
}

/** Outputs by their absolute paths. */
export type Parts = ReadonlyMap<string, Output>

export const partsOf = ({ outputs }: Metafile, root: string): Parts =>
  new Map(
    Object.entries(outputs).flatMap(([path, output]) =>
      path.endsWith('.js') ? [[resolve(root, path), output] as const] : [],
    ),
  )

/** Which group each output is of, if of any. */
function groupsOf(
  parts: Parts,
  groups: readonly Group[],
  root: string,
): ReadonlyMap<string, string> {
  const groupOf = new Map<string, string>()
  const add = (path: string, name: string): void => {
    if (groupOf.has(path)) return
    groupOf.set(path, name)
    for (const { path: next, kind, external } of parts.get(path)?.imports ?? []) {
      if (kind === 'import-statement' && external !== true) add(resolve(root, next), name)
    }
  }
  for (const { name, sources, isBelow } of groups) {
    for (const source of sources) {
      const found = [...parts].find(([, { entryPoint }]) => entryPoint === source)
      if (found === undefined) throw new Error(`${source} is in no output by itself`)
      const isNew = !groupOf.has(found[0])
      add(found[0], name)
      if (isBelow === true && isNew) groupOf.delete(found[0])
    }
  }
  return groupOf
}

interface Across extends Gathering {
  readonly parts: Parts
  readonly groupOf: ReadonlyMap<string, string>
  /** Of the output that is written, and where it is written to. */
  readonly group: string | undefined
  readonly outfile: string
}

/** What one output imports of another leads to the group that this has become part of. */
function across({ parts, groupOf, group, outfile, from, into, folder }: Across): Plugin {
  const wayTo = (path: string): string => {
    const way = relative(dirname(outfile), path)
    return way.startsWith('.') ? way : `./${way}`
  }
  const named = (path: string, sign: string): string =>
    (parts.get(path)?.exports ?? []).map(name => `${aliasOf(path, name)}${sign}${name}`).join(', ')
  const theirs = (path: string): string => JSON.stringify(`group:${groupOf.get(path)}`)
  return {
    name: 'across',
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /^\./ }, ({ path, resolveDir, kind }) => {
        const part = resolve(resolveDir, path)
        if (!groupOf.has(part)) {
          return { path: wayTo(join(into, relative(from, part))), external: true }
        }
        if (groupOf.get(part) === group) return { path: part }
        return { path: part, namespace: kind === 'dynamic-import' ? 'later' : 'at-once' }
      })
      onResolve({ filter: /^group:/ }, ({ path }) => ({
        path: wayTo(join(into, folder, `${path.slice('group:'.length)}.js`)),
        external: true,
      }))
      onLoad({ filter: /./, namespace: 'at-once' }, ({ path }) => ({
        contents: `export { ${named(path, ' as ')} } from ${theirs(path)}`,
      }))
      onLoad({ filter: /./, namespace: 'later' }, ({ path }) => ({
        contents: `const { ${named(path, ': ')} } = await import(${theirs(path)})
export { ${parts.get(path)?.exports.join(', ')} }`,
      }))
    },
  }
}

/** What an export of an output is called in its group, where others have the same name. */
const aliasOf = (path: string, name: string): string =>
  `${name}_of_${basename(path, '.js').replace(/\W/g, '_')}`
