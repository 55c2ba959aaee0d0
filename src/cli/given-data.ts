import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { fromTaggedJson } from '../../journal/codec/json.ts'
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
  return fromTaggedJson(parsed)
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
