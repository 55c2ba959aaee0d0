import * as z from 'zod'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { records } from './records/all.ts'
import { VERSION } from './records/record.ts'
import { UsageError } from './usage.ts'

interface Document {
  readonly $schema: string
  readonly $id: string
  readonly title: string
  readonly anyOf: readonly { readonly $ref: string }[]
  readonly $defs: { readonly [kind: string]: object }
}

/** `perdure schema [kind]` */
export async function schema({ output }: Context, kind: string | undefined): Promise<Exit> {
  const document = schemaOf(kind)
  await output.text(`${JSON.stringify(document, null, output.isJson ? undefined : 2)}\n`)
  return exit.ok
}

/** All records, or one kind of them, as one document of JSON Schema 2020-12. Throws USAGE_INVALID. */
export function schemaOf(kind?: string): Document {
  const byKind = new Map<string, z.ZodType>(records.map(made => [made.shape.kind.value, made]))
  const kinds = [...byKind.keys()]
  if (kind !== undefined && !kinds.includes(kind)) {
    throw new UsageError('USAGE_INVALID', `There is no kind of record ${kind}.`, {
      hint: `There are ${kinds.join(', ')}.`,
      facts: { kind },
    })
  }
  const wanted = kind === undefined ? kinds : [kind]
  const defs: { [name: string]: object } = {}
  for (const [name, record] of byKind) {
    if (wanted.includes(name)) Object.assign(defs, definitionsOf(name, record))
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:perdure:records:${VERSION}${kind === undefined ? '' : `:${kind}`}`,
    title: 'What the commands of perdure print with --json',
    anyOf: wanted.map(name => ({ $ref: `#/$defs/${name}` })),
    $defs: defs,
  }
}

/** The record, and what it refers to: what has no name gets one behind the record's. */
function definitionsOf(name: string, record: z.ZodType): { readonly [name: string]: object } {
  const text = JSON.stringify(z.toJSONSchema(record)).replaceAll(
    /(#\/\$defs\/|"(?=__schema\d+":))(__schema\d+)/g,
    (_, before: string, anonymous: string) =>
      `${before}${name}-${anonymous.slice('__schema'.length)}`,
  )
  const { $schema: _, $defs = {}, ...definition } = JSON.parse(text)
  return { [name]: definition, ...$defs }
}
