import type { Journal } from '../../journal/journal.ts'
import { keys } from '../../journal/keys.ts'
import type { Meta } from '../../journal/meta.ts'
import type { Incoming } from '../define/condition.ts'
import { learnedMarks } from '../define/secret-marks.ts'
import { secretPaths } from '../define/secret-paths.ts'
import type { SchemaFor } from '../define/sending.ts'

/** So many are kept apart. Who names more events than that has all data masked. */
const MOST = 1_000
const ALL = '@*'

type Schema = NonNullable<Incoming['schema']>

/** What is known of a schema that was seen. */
interface Seen {
  readonly paths: readonly string[]
  readonly names: Set<string>
}

/**
 * What the schemas of events mark as secret that no workflow names in its options: those that are awaited
 * or sent in code. They are told to the journal when they are seen first, before what they are about.
 */
export class Marks {
  readonly #journal: Journal
  readonly #meta: Meta
  readonly #known: Set<string>
  readonly #seen = new WeakMap<Schema, Seen>()

  /** `meta`: as the journal was opened. */
  constructor(journal: Journal, meta: Meta) {
    this.#journal = journal
    this.#meta = meta
    this.#known = new Set(meta.secrets)
  }

  /** Sees what is asked for. */
  seeing(schemaFor: SchemaFor): SchemaFor {
    return (name, own) => {
      this.see(name, own)
      return schemaFor(name, own)
    }
  }

  /** An event of that name is awaited or sent. */
  see(name: string, schema: Schema | undefined): void {
    if (schema === undefined) return
    const seen = this.#seen.get(schema)
    if (seen !== undefined && (seen.paths.length === 0 || seen.names.has(name))) return
    this.#learn(name, seen ?? this.#look(schema))
  }

  #look(schema: Schema): Seen {
    const seen = { paths: secretPaths(schema), names: new Set<string>() }
    this.#seen.set(schema, seen)
    return seen
  }

  #learn(name: string, { paths, names }: Seen): void {
    if (names.size < MOST) names.add(name)
    const isKnown = (mark: string): boolean =>
      this.#known.has(mark) || this.#known.has(mark.replace(/^@\*\./, '')) || this.#known.has(ALL)
    const marks = learnedMarks(name, paths).filter(mark => !isKnown(mark))
    if (marks.length === 0) return
    for (const mark of this.#known.size < MOST ? marks : [ALL]) this.#known.add(mark)
    const secrets = [...this.#known].sort()
    // Should it fail, so does what follows.
    this.#journal
      .change(group => {
        const next = this.#journal.nextMeta(this.#meta, now => ({ ...now, secrets }))
        group.put(keys.meta, next)
      })
      .catch(() => {})
  }
}
