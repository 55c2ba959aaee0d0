import { unpackBehind } from '../../journal/codec/packer.ts'
import { bodyIn } from '../../journal/envelope.ts'
import type { Told } from './latest.ts'
import type { Committed } from './source.ts'

/** Bytes of a page, from which on another is begun. */
const PAGE = 1 << 18

/**
 * Records as they were packed for the journal, many behind each other: whoever is followed copies
 * bytes, and writes down where each begins.
 */
export interface PackedPage {
  readonly workflows: readonly string[]
  readonly commits: readonly PackedCommit[]
  /** Of each record `at`, `elapsed` and `entries`, as one value of MessagePack. */
  readonly packed: Uint8Array
}

/** A commit, the place in it of the first record, and four facts of each. */
export type PackedCommit = readonly [commit: number, place: number, records: Facts]

/** The run, seq, the place of its workflow among `workflows`, and how many bytes were packed. */
type Facts = readonly (string | number)[]

/** In pages of some size, however large a commit is. */
export function packedPages(told: readonly Told[]): readonly PackedPage[] {
  const pages: PackedPage[] = []
  let page = new Packing()
  for (const { commit, added } of told) {
    page.begin(commit, 0)
    let place = 0
    for (const { record, workflow, sealed } of added) {
      if (page.bytes >= PAGE) {
        pages.push(page.end())
        page = new Packing()
        page.begin(commit, place)
      }
      page.add(record.run, record.seq, workflow, bodyIn(sealed))
      place++
    }
  }
  pages.push(page.end())
  return pages
}

export function unpackedPage({ workflows, commits, packed }: PackedPage): readonly Committed[] {
  const all: Committed[] = []
  let from = 0
  for (const [commit, first, facts] of commits) {
    for (let at = 0; at < facts.length; at += FACTS) {
      const [run, seq, named, length] = facts.slice(at, at + FACTS)
      const bytes = packed.subarray(from, from + Number(length))
      from += bytes.length
      const { at: when, elapsed, entries } = unpackBehind(0, bytes) as Committed['record']
      const record = { run: String(run), seq: Number(seq), at: when, elapsed, entries }
      const workflow = workflows[Number(named)] ?? ''
      all.push({ commit, place: first + at / FACTS, workflow, record })
    }
  }
  return all
}

const FACTS = 4

class Packing {
  readonly #workflows = new Map<string, number>()
  readonly #commits: PackedCommit[] = []
  readonly #bodies: Uint8Array[] = []
  #facts: (string | number)[] = []
  bytes = 0

  begin(commit: number, place: number): void {
    this.#facts = []
    this.#commits.push([commit, place, this.#facts])
  }

  add(run: string, seq: number, workflow: string, body: Uint8Array): void {
    let named = this.#workflows.get(workflow)
    if (named === undefined) {
      named = this.#workflows.size
      this.#workflows.set(workflow, named)
    }
    this.#facts.push(run, seq, named, body.length)
    this.#bodies.push(body)
    this.bytes += body.length
  }

  end(): PackedPage {
    const workflows = [...this.#workflows.keys()]
    const packed = Buffer.concat(this.#bodies, this.bytes)
    return { workflows, commits: this.#commits, packed }
  }
}
