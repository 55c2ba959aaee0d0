import { isBytesKind } from '../codec/bytes.ts'
import { TAG } from '../codec/tags.ts'
import type { Fakes } from './fakes.ts'

/**
 * A value as tagged JSON, with fakes for its texts and bytes. Its structure stays: names of properties,
 * numbers, dates, classes and names of errors, flags of regular expressions.
 */
export function fakeValue(json: unknown, fakes: Fakes): unknown {
  if (typeof json === 'string') return fakes.text(json)
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return json.map(item => fakeValue(item, fakes))
  const names = Object.keys(json)
  const body: unknown = names.length === 1 && names[0] === TAG ? Reflect.get(json, TAG) : undefined
  if (Array.isArray(body)) return { [TAG]: fakeTag(body, fakes) }
  if (body !== undefined) return json
  return Object.fromEntries(
    Object.entries(json).map(([name, item]) => [name, fakeValue(item, fakes)]),
  )
}

function fakeTag([kind, ...parts]: readonly unknown[], fakes: Fakes): readonly unknown[] {
  const [first, second] = parts
  if (typeof kind === 'string' && isBytesKind(kind)) {
    return [kind, Buffer.from(fakes.bytes(Buffer.from(String(first), 'base64'))).toString('base64')]
  }
  switch (kind) {
    case 'map':
    case 'set':
      return [kind, ...parts.map(part => fakeValue(part, fakes))]
    case 'object':
    case 'null':
      return [kind, ...fakeFields(parts, fakes)]
    case 'array':
      return [kind, first, ...fakeFields(parts.slice(1), fakes)]
    case 'error':
      return [kind, first, second, ...fakeFields(parts.slice(2), fakes, 'name')]
    case 'url':
      return [kind, fakeUrl(String(first), fakes)]
    case 'regexp':
      return [kind, fakePattern(String(first), String(second), fakes), ...parts.slice(1)]
    default:
      return [kind, ...parts]
  }
}

/** Names and values by turns. */
const fakeFields = (parts: readonly unknown[], fakes: Fakes, kept?: string): unknown[] =>
  parts.map((part, at) => (at % 2 === 0 || parts[at - 1] === kept ? part : fakeValue(part, fakes)))

function fakeUrl(href: string, fakes: Fakes): string {
  const [, scheme = '', rest = ''] = /^([^:]*:)(.*)$/s.exec(href) ?? []
  const fake = scheme + fakes.text(rest)
  return URL.canParse(fake) ? new URL(fake).href : `https://${hexOf(href, fakes)}.invalid/`
}

const hexOf = (text: string, fakes: Fakes): string =>
  Buffer.from(fakes.bytes(Buffer.from(text.padEnd(8)).subarray(0, 8))).toString('hex')

function fakePattern(source: string, flags: string, fakes: Fakes): string {
  const fake = fakes.text(source)
  try {
    return new RegExp(fake, flags).source
  } catch {
    return `anonymized${hexOf(source, fakes)}`
  }
}
