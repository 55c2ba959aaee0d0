import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { fromTaggedJson } from '../../journal/codec/json.ts'
import { PerdureError } from '../../journal/error.ts'
import type { Io } from './io.ts'
import { UsageError } from './usage.ts'

const PAIR = /^([A-Za-z_$][\w.$-]*)(:?=)(.*)$/s

/**
 * Data as it is given on a command line: one JSON text (tags stand for what JSON cannot say, as they do
 * where values are printed), `-` for JSON from stdin, `@file.json`, or pairs: `key=text`, `key:=json`.
 * Nothing given is `undefined`. Throws USAGE_INVALID and NOT_FOUND.
 */
export async function givenData(args: readonly string[], io: Pick<Io, 'input' | 'cwd'>) {
  const [first, second] = args
  if (first === undefined) return undefined
  if (PAIR.test(first)) return pairsOf(args)
  if (second !== undefined) {
    throw wrong(
      `${second} is too much.`,
      'Quote JSON so that it is one argument, or write key=value pairs.',
    )
  }
  if (first === '-') return jsonOf(await text(io.input), 'stdin')
  if (first.startsWith('@')) return jsonOf(fileOf(resolve(io.cwd, first.slice(1))), first.slice(1))
  return jsonOf(first, 'the argument')
}

function pairsOf(args: readonly string[]): unknown {
  const data = new Map<string, unknown>()
  for (const arg of args) {
    const [, key = '', sign, value = ''] = PAIR.exec(arg) ?? []
    if (key === '') throw wrong(`${arg} is no key=value pair.`, 'Write key=text or key:=json.')
    data.set(key, sign === '=' ? value : jsonOf(value, key))
  }
  return Object.fromEntries(data)
}

function jsonOf(json: string, where: string): unknown {
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw wrong(`${where} is no JSON: ${why}`, `Quote it for the shell: '{"userId": "u1"}'.`, cause)
  }
  const why = faultIn(parsed)
  if (why === undefined) return fromTaggedJson(parsed)
  // What nests too deep does so at no place of its own.
  const path = /too deep/.test(why) ? '' : pathToFault(parsed)
  const place = path === '' ? where : `${where}, at ${path},`
  throw new UsageError('USAGE_INVALID', `${place} is no value: ${why}`, {
    hint: TAGS,
    facts: { path },
  })
}

const TAGS =
  'An object with "$" as its only key is a tag, as {"$": ["date", "2026-01-31T09:00:00.000Z"]}; ' +
  'if it is data of yours, write {"$": ["object", "$", <what it holds>]}.'

/** Deeper ones are told of as a whole. */
const DEEPEST = 100

/** Leads to the innermost part that is no value for itself. */
function pathToFault(json: unknown): string {
  let [path, at] = ['', json]
  for (let depth = 0; depth < DEEPEST; depth++) {
    const part = Object.entries(Object(at)).find(([, inner]) => {
      // Alone it may refer to what stands outside of it.
      const why = faultIn(inner)
      return why !== undefined && !/there is no object/.test(why)
    })
    if (part === undefined) break
    const [key, inner] = part
    path += Array.isArray(at) ? `[${key}]` : path === '' ? key : `.${key}`
    at = inner
  }
  return path
}

function faultIn(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  try {
    fromTaggedJson(json)
    return undefined
  } catch (error) {
    if (!(error instanceof PerdureError)) throw error
    return error.message.replace(/^This JSON renders no value: /, '')
  }
}

function fileOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new UsageError('NOT_FOUND', `${path} cannot be read.`, {
      hint: 'Name a file with JSON behind the @.',
      facts: { path },
      cause,
    })
  }
}

const wrong = (what: string, hint: string, cause?: unknown): UsageError =>
  new UsageError('USAGE_INVALID', what, { hint, ...(cause !== undefined && { cause }) })
