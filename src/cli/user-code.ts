import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyWorkflow } from '../define/workflow.ts'
import { UsageError } from './usage.ts'

/** What of the process decides how code is loaded. */
export interface Loading {
  readonly cwd: string
  /** Whether node itself strips types. */
  readonly stripsTypes: boolean
  /** Imports a module by its URL. */
  readonly load: (url: string) => Promise<object>
}

export const processLoading = (cwd: string): Loading => ({
  cwd,
  // Newer than the types of Node that this is built with: 'strip', 'transform' or false.
  stripsTypes: typeof Object(process.features).typescript === 'string',
  load: url => import(url),
})

/** A module of the user's, and what there is in it. */
export interface UserCode {
  readonly path: string
  readonly workflows: readonly AnyWorkflow[]
  /** A module as this code has it, of a package that it has loaded; undefined: it has none. */
  module(specifier: string): Promise<object | undefined>
}

const TYPESCRIPT = new Set(['.ts', '.mts', '.cts', '.tsx'])

/**
 * Loads a module of the user's and finds the workflows that it exports: alone, in arrays, in objects.
 * They are known by their shape: they may be made by another copy of the package. TypeScript needs a
 * node that strips types, or `tsx` where the code is.
 *
 * Throws NOT_FOUND if there is no such file, USAGE_INVALID if it cannot be loaded or has no workflows.
 */
export async function userCode(file: string, loading: Loading): Promise<UserCode> {
  const path = resolve(loading.cwd, file)
  if (!existsSync(path)) {
    throw new UsageError('NOT_FOUND', `There is no file ${path}.`, {
      hint: 'Name the module that exports your workflows, such as --code ./src/workflows.ts.',
      facts: { path },
    })
  }
  if (TYPESCRIPT.has(extname(path)) && !loading.stripsTypes) await useTsx(path, loading)
  const module = await loaded(path, loading)
  const workflows = workflowsIn(module)
  if (workflows.length === 0) throw noWorkflows(path, module)
  return { path, workflows, module: specifier => moduleOf(specifier, path, loading) }
}

// What was required is another copy than what is imported, where tsx makes CommonJS of it.
async function moduleOf(
  specifier: string,
  path: string,
  { load }: Loading,
): Promise<object | undefined> {
  const file = resolved(specifier, path)
  if (file === undefined) return undefined
  const require = createRequire(path)
  const main = resolved(specifier.replace(/\/.*$/, ''), path) ?? file
  return main in require.cache ? require(file) : load(pathToFileURL(file).href)
}

async function loaded(path: string, { load }: Loading): Promise<object> {
  try {
    return await load(pathToFileURL(path).href)
  } catch (cause) {
    const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    throw unusable(path, `It cannot be loaded: ${message}`, hintFor(cause), cause)
  }
}

const NEEDS_TSX =
  'Install tsx beside your code (npm install --save-dev tsx), use Node 22.18 or later, or name the ' +
  'JavaScript that it is compiled to.'
const ONLY_STRIPS =
  'Node only strips types. Name the JavaScript that it is compiled to, or run this with: ' +
  'node --import tsx'

/** What node says of TypeScript that it cannot strip the types of. */
function hintFor(error: unknown): string {
  const { code } = Object(error)
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return NEEDS_TSX
  if (/TYPESCRIPT|TYPE_STRIPPING/.test(String(code))) {
    return ONLY_STRIPS
  }
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return 'Something that it imports is missing: see that your application starts.'
  }
  return 'Name a module that only defines workflows: all that stands in it is executed.'
}

/** Where there is none, node says that it does not know the extension, unless it was taught to. */
async function useTsx(path: string, { cwd, load }: Loading): Promise<void> {
  for (const from of [path, join(cwd, 'package.json')]) {
    const manifest = resolved('tsx/package.json', from)
    if (manifest === undefined) continue
    const about: unknown = JSON.parse(readFileSync(manifest, 'utf8'))
    // Code whose package.json does not say "module" is required.
    for (const kind of ['cjs', 'esm']) {
      const api = join(dirname(manifest), apiIn(about, kind))
      const { register } = (await load(pathToFileURL(api).href)) as { register?: unknown }
      if (typeof register === 'function') register()
    }
    return
  }
}

// What `import` finds: node resolves for another file only what `require` does.
function apiIn(manifest: unknown, kind: string): string {
  const found = Object(Object(Object(Object(manifest).exports)[`./${kind}/api`]).import).default
  return typeof found === 'string' ? found : `./dist/${kind}/api/index.mjs`
}

/** A module as code in a file would require it; undefined: it could not. */
function resolved(specifier: string, from: string): string | undefined {
  try {
    const path = createRequire(from).resolve(specifier)
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}

/** Workflows among the exports, each once; also of a module of CommonJS, which has one `default`. */
function workflowsIn(module: object): readonly AnyWorkflow[] {
  const found = new Set<AnyWorkflow>()
  for (const value of Object.values(module)) gather(value, found, NESTED)
  return [...found]
}

/** Arrays and objects in each other that are looked into. */
const NESTED = 3

function gather(value: unknown, found: Set<AnyWorkflow>, deep: number): void {
  if (isWorkflow(value)) found.add(value)
  else if (deep > 0 && typeof value === 'object' && value !== null && isPlain(value)) {
    for (const item of Object.values(value)) gather(item, found, deep - 1)
  }
}

function isWorkflow(value: unknown): value is AnyWorkflow {
  if (typeof value !== 'object' || value === null) return false
  const { id, code, retry, triggers, cancelOn } = value as Partial<AnyWorkflow>
  return (
    typeof id === 'string' &&
    typeof code === 'function' &&
    typeof retry === 'object' &&
    Array.isArray(triggers) &&
    Array.isArray(cancelOn)
  )
}

// Not into clients, engines and what else an application exports.
function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function noWorkflows(path: string, module: object): UsageError {
  const names = Object.entries(module)
    .map(([name, value]) => `${name} (${kindOf(value)})`)
    .sort()
  const found = names.length === 0 ? 'It exports nothing.' : `It exports ${names.join(', ')}.`
  const hint = 'Export what workflow() made: each by its name, or all of them in an array.'
  return unusable(path, `There is no workflow among its exports. ${found}`, hint)
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value)

const unusable = (path: string, what: string, hint: string, cause?: unknown): UsageError =>
  new UsageError('USAGE_INVALID', `${path}: ${what}`, {
    hint,
    facts: { path },
    ...(cause !== undefined && { cause }),
  })
