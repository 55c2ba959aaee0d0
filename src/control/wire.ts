import type { PackedPage } from '../inspect/packed.ts'
import type { Listed } from '../inspect/source.ts'

/**
 * Facts as JSON: bytes (values of users, as the journal's codec wrote them) are `{"$b":"<base64>"}`.
 * Nothing else that facts are made of has a property `$b`. What has no bytes in it is not copied.
 */
export function toWire(fact: unknown): unknown {
  if (typeof fact !== 'object' || fact === null) return fact
  if (fact instanceof Uint8Array) {
    return { $b: Buffer.from(fact.buffer, fact.byteOffset, fact.byteLength).toString('base64') }
  }
  if (Array.isArray(fact)) return listToWire(fact)
  let wire: { [name: string]: unknown } | undefined
  // Not their entries: an array for each fact is most of what it would cost.
  for (const name of Object.keys(fact)) {
    const own: unknown = fact[name as keyof typeof fact]
    const value = toWire(own)
    if (value === own) continue
    wire ??= { ...fact }
    if (name !== '__proto__') wire[name] = value
    else Object.defineProperty(wire, name, { value, enumerable: true })
  }
  return wire ?? fact
}

function listToWire(list: readonly unknown[]): readonly unknown[] {
  let wire: unknown[] | undefined
  for (const [at, item] of list.entries()) {
    const value = toWire(item)
    if (value === item) continue
    wire ??= [...list]
    wire[at] = value
  }
  return wire ?? list
}

export function jsonOf(fact: unknown): string {
  if (isPacked(fact)) return packedJson(fact)
  return isListed(fact) ? listedJson(fact) : JSON.stringify(toWire(fact))
}

const isListed = (fact: unknown): fact is Listed =>
  typeof fact === 'object' && fact !== null && 'head' in fact

/** There are no bytes in the head of a run. */
const listedJson = ({ head, gist }: Listed): string =>
  JSON.stringify(gist === undefined ? { head } : { head, gist: toWire(gist) })

const isPacked = (fact: unknown): fact is PackedPage =>
  typeof fact === 'object' && fact !== null && 'packed' in fact && fact.packed instanceof Uint8Array

/** By hand, so that what it says of each record is not looked through for bytes. */
function packedJson({ workflows, commits, packed }: PackedPage): string {
  const { buffer, byteOffset, byteLength } = packed
  const bytes = Buffer.from(buffer, byteOffset, byteLength).toString('base64')
  const facts = JSON.stringify({ workflows, commits })
  return `${facts.slice(0, -1)},"packed":{"$b":"${bytes}"}}`
}

/** The opposite. What nests deeper than facts do is refused with a RangeError. */
export function fromWire(wire: unknown, depth = DEEPEST): unknown {
  if (typeof wire !== 'object' || wire === null) return wire
  if (depth === 0) throw new RangeError(`facts nest at most ${DEEPEST} deep`)
  if (Array.isArray(wire)) return wire.map(item => fromWire(item, depth - 1))
  if ('$b' in wire && typeof wire.$b === 'string') return Buffer.from(wire.$b, 'base64')
  const facts: { [name: string]: unknown } = Object.create(null)
  for (const [name, value] of Object.entries(wire)) facts[name] = fromWire(value, depth - 1)
  // Not the prototype of a message: its own properties only.
  return { ...facts }
}

const DEEPEST = 32
