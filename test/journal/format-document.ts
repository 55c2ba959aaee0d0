import { readFileSync } from 'node:fs'

/** What docs/journal-format.md says of format 1, as data: its blocks, by their names. */
export interface FormatDocument {
  /** Patterns of the keys, and the kind of row that lies under each. */
  readonly keys: readonly { readonly pattern: RegExp; readonly kind: string }[]
  /** Fields of the body of each kind of row; absent: the body is nil. */
  readonly rows: Shapes
  readonly entries: Shapes
  readonly inputs: ReadonlySet<string>
  /** The status that an entry leads to, by status and type. */
  readonly statuses: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Kinds of tags of values. */
  readonly tags: readonly string[]
}

export type Shapes = ReadonlyMap<string, readonly Field[] | undefined>

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
        .map(([kind = '', ...rest]) => [kind, shape(rest)]),
    ),
    entries: new Map(entries.map(([type = '', , ...rest]) => [type, shape(rest)])),
    inputs: new Set(entries.filter(([, role]) => role === 'input').map(([type = '']) => type)),
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

function shape(fields: readonly string[]): readonly Field[] | undefined {
  if (fields.length === 1 && fields[0] === 'nil') return undefined
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

/** `<name:16>` is that many digits, `<run>` a run id, `<clock>` one letter. */
function patternOf(key: string): RegExp {
  const source = key
    .replace('<run>', '(?<run>[\\w.:@/-]{1,128})')
    .replace('<clock>', '(?<clock>[ew])')
    .replace(/<(\w+):(\d+)>/g, '(?<$1>\\d{$2})')
  return new RegExp(`^${source}$`)
}
