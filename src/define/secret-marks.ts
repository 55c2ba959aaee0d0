import type { StandardSchemaV1 } from '@standard-schema/spec'
import { ANY, segmentOf } from './schema-place.ts'
import { secretPaths } from './secret-paths.ts'
import type { AnyWorkflow } from './workflow.ts'

/*
 * mark = path              what ends so, wherever it is
 *      | "@" name ("." path)?   in the data of events or runs of that name, "*" in it for any text
 */

/** What the schemas of these workflows and of the events that they name mark as secret. */
export function marksOf(workflows: readonly AnyWorkflow[]): readonly string[] {
  const named = new Map<StandardSchemaV1, Set<string>>()
  const note = (schema: StandardSchemaV1 | undefined, names: readonly string[]): void => {
    if (schema === undefined) return
    const all = named.get(schema) ?? new Set()
    for (const name of names) all.add(name)
    named.set(schema, all)
  }
  for (const { id, schema, triggers, cancelOn } of workflows) {
    note(schema, [id])
    for (const each of triggers) if (each.kind === 'event') note(each.schema, [each.pattern, id])
    for (const rule of cancelOn) note(rule.schema, [rule.event])
  }
  return [...named].flatMap(([schema, names]) => {
    const paths = secretPaths(schema)
    return paths.flatMap(path =>
      namesKey(path) ? [path] : [...names].map(name => inData(name, path)),
    )
  })
}

/**
 * What the schema of an event marks, that was not known when the engine was opened. What names a key is
 * of any data; the rest is of events of that name.
 */
export const learnedMarks = (name: string, paths: readonly string[]): readonly string[] =>
  paths.map(path => inData(namesKey(path) ? ANY : name, path))

const namesKey = (path: string): boolean =>
  path.split('.').some(each => each !== '' && each !== ANY)

function inData(name: string, path: string): string {
  const of = `@${name.split(ANY).map(segmentOf).join(ANY)}`
  return path === '' ? of : `${of}.${path}`
}
