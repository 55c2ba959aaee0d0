import { readFileSync } from 'node:fs'

/** What docs/journal-format.md says of format 1, as data: its blocks, by their names. */
export interface FormatDocument {
  /** Patterns of the keys, and the kind of row that lies under each. */
  readonly keys: readonly { readonly pattern: RegExp; readonly kind: string }[]
  /** What the body of each kind of row is: its fields, nothing, one entry, or whatever it is. */
  readonly rows: ReadonlyMap<string, readonly Field[] | 'nil' | 'entry' | 'any'>
  /** Fields of the entries that records hold. */
  readonly entries: Shapes
  readonly inputs: ReadonlySet<string>
  /** Fields of the entries that inboxes hold. */
  readonly posted: Shapes
  /** The status that an entry leads to, by status and type. */
  readonly statuses: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Kinds of tags of values. */
  readonly tags: readonly string[]
}

export type Shapes = ReadonlyMap<string, readonly Field[]>

export interface Field {
  readonly name: string
  readonly type: string
  readonly optional: boolean
}

export function readDocument(): FormatDocument {
  const text = readFileSync(new URL('../../docs/journal-format.md', import.meta.url), 'utf8')
  const entries = block(text, 'entries').map(words)
  return {
    keys: block(text, 'keys').map(line => {
      const [pattern = '', kind = ''] = words(line)
      return { pattern: patternOf(pattern), kind }
    }),
    rows: new Map(
      block(text, 'rows')
        .map(words)
        .map(([kind = '', ...rest]) => [kind, bodyOf(rest)]),
    ),
    entries: shapes(entries.filter(([, role]) => role !== 'inbox')),
    inputs: new Set(entries.filter(([, role]) => role === 'input').map(([type = '']) => type)),
    posted: shapes(
      entries.filter(([type, role]) => role !== 'command' && type !== 'event.received'),
    ),
    statuses: new Map(block(text, 'statuses').map(words).map(transitions)),
    tags: block(text, 'tags').flatMap(line => /^ {2}"([a-z]+)"/.exec(line)?.[1] ?? []),
  }
}

function block(text: string, name: string): readonly string[] {
  const found = new RegExp(`^\`\`\`${name}\n([^]*?)^\`\`\`$`, 'm').exec(text)
  if (found === null) throw new Error(`docs/journal-format.md has no block ${name}`)
  return (found[1] ?? '').trimEnd().split('\n')
}

const words = (line: string): string[] => line.trim().split(/\s+/)

const shapes = (entries: readonly (readonly string[])[]): Shapes =>
  new Map(entries.map(([type = '', , ...rest]) => [type, shape(rest)]))

function bodyOf(words: readonly string[]): readonly Field[] | 'nil' | 'entry' | 'any' {
  const [first] = words
  return first === 'nil' || first === 'entry' || first === 'any' ? first : shape(words)
}

export function shape(fields: readonly string[]): readonly Field[] {
  return fields.map(field => {
    const [, name, type, mark] = /^(\w+):(\w+)(\?)?$/.exec(field) ?? []
    if (name === undefined || type === undefined) throw new Error(`${field} is no field`)
    return { name, type, optional: mark !== undefined }
  })
}

const transitions = ([status = '', ...list]: string[]): [string, ReadonlyMap<string, string>] => [
  status,
  new Map(list.map(pair => pair.split('>')).map(([type = '', to = '']) => [type, to])),
]

/** `<due:16>` is that many digits, `<clock>` one letter, `<name>`, `<id>` and `<lane>` are escaped. */
function patternOf(key: string): RegExp {
  const source = key
    .replace('<run>', '(?<run>[\\w.:@/-]{1,128})')
    .replace('<schedule>', '(?<schedule>[\\w./-]+)')
    .replace('<clock>', '(?<clock>[ew])')
    .replace(/<(name|id|lane)>/g, '(?<$1>(?:[\\w.~/@-]|%[0-9A-F]{2})+)')
    .replace(/<(\w+):(\d+)>/g, '(?<$1>\\d{$2})')
  return new RegExp(`^${source}$`)
}
