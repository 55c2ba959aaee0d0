import fc from 'fast-check'
import type { Population } from './population.ts'

/** A place in a directory, as shares: of its files, and of the bytes in one. */
interface Place {
  readonly file: number
  readonly at: number
}

export type Harm =
  | { readonly kind: 'flip'; readonly bits: readonly (Place & { readonly bit: number })[] }
  | { readonly kind: 'cut'; readonly place: Place }
  | { readonly kind: 'zero'; readonly place: Place; readonly bytes: number }
  | { readonly kind: 'drop'; readonly place: Place; readonly bytes: number }
  | { readonly kind: 'repeat'; readonly place: Place; readonly bytes: number }
  | { readonly kind: 'swap'; readonly place: Place; readonly other: Place; readonly bytes: number }
  | { readonly kind: 'swap files'; readonly place: Place; readonly other: Place }
  | { readonly kind: 'delete'; readonly place: Place }
  | { readonly kind: 'older'; readonly place: Place; readonly version: number }

// Evenly spread, unlike fc.double, which favours the neighbourhood of zero.
const share = fc.noBias(fc.integer({ min: 0, max: 2 ** 20 - 1 })).map(n => n / 2 ** 20)
const place = fc.record({ file: share, at: share })
const bytes = fc.oneof(
  fc.constantFrom(1, 7, 128, 512, 1_024, 4_096, 32_768),
  fc.noBias(fc.integer({ min: 1, max: 9_000 })),
)
const kind = <const Kind extends Harm['kind']>(name: Kind): fc.Arbitrary<Kind> => fc.constant(name)
const bits = fc.array(fc.record({ file: share, at: share, bit: fc.nat(7) }), {
  minLength: 1,
  maxLength: 8,
})

export const harms: fc.Arbitrary<Harm> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: kind('flip'), bits }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('cut'), place }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('zero'), place, bytes }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('drop'), place, bytes }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('repeat'), place, bytes }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('swap'), place, other: place, bytes }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('swap files'), place, other: place }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('delete'), place }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('older'), place, version: fc.nat(100) }) },
)

/** The files after the harm was done to them. */
export function inflict({ files, older }: Population, harm: Harm): Map<string, Buffer> {
  const after = new Map(files)
  const spot = ({ file, at }: Place): Spot => {
    const name = [...files.keys()][Math.floor(file * files.size)] ?? ''
    const content = after.get(name) ?? Buffer.alloc(0)
    return { name, content, offset: Math.floor(at * content.length) }
  }
  if (harm.kind === 'flip') {
    for (const bit of harm.bits) flip(after, spot(bit), bit.bit)
    return after
  }
  const { name, content, offset } = spot(harm.place)
  const [before, behind] = [content.subarray(0, offset), content.subarray(offset)]
  switch (harm.kind) {
    case 'cut':
      return after.set(name, before)
    case 'zero':
      return after.set(
        name,
        Buffer.concat([
          before,
          Buffer.alloc(Math.min(harm.bytes, behind.length)),
          behind.subarray(harm.bytes),
        ]),
      )
    case 'drop':
      return after.set(name, Buffer.concat([before, behind.subarray(harm.bytes)]))
    case 'repeat':
      return after.set(name, Buffer.concat([before, behind.subarray(0, harm.bytes), behind]))
    case 'swap':
      return swap(after, spot(harm.place), spot(harm.other), harm.bytes)
    case 'swap files':
      return after.set(name, spot(harm.other).content).set(spot(harm.other).name, content)
    case 'delete':
      after.delete(name)
      return after
    case 'older':
      return replace(after, older, harm)
    default:
      return harm satisfies never
  }
}

/** Which files a harm is about, for the report. */
export function namesIn({ files }: Population, harm: Harm): string[] {
  const places =
    'bits' in harm ? harm.bits : 'other' in harm ? [harm.place, harm.other] : [harm.place]
  return places.map(({ file }) => [...files.keys()][Math.floor(file * files.size)] ?? '')
}

/** Puts an earlier state of a file in its place: of one that has any. */
function replace(
  files: Map<string, Buffer>,
  older: Population['older'],
  { place, version }: Extract<Harm, { kind: 'older' }>,
): Map<string, Buffer> {
  const choices = [...files].flatMap(([name, content]) =>
    (older.get(name) ?? []).flatMap(old => (old.equals(content) ? [] : [{ name, old }])),
  )
  const choice = choices[(Math.floor(place.file * choices.length) + version) % choices.length]
  return choice === undefined ? files : files.set(choice.name, choice.old)
}

interface Spot {
  readonly name: string
  readonly content: Buffer
  readonly offset: number
}

function flip(files: Map<string, Buffer>, { name, content, offset }: Spot, bit: number): void {
  const flipped = Buffer.from(content)
  const byte = flipped[offset]
  if (byte !== undefined) flipped[offset] = byte ^ (1 << bit)
  files.set(name, flipped)
}

/** Swaps two ranges of one size. In one file they may overlap: then the second is written last. */
function swap(files: Map<string, Buffer>, one: Spot, two: Spot, most: number): Map<string, Buffer> {
  const size = Math.min(most, one.content.length - one.offset, two.content.length - two.offset)
  const first = Buffer.from(one.content.subarray(one.offset, one.offset + size))
  const second = Buffer.from(two.content.subarray(two.offset, two.offset + size))
  put(files, one, second)
  put(files, two, first)
  return files
}

function put(files: Map<string, Buffer>, { name, offset }: Spot, bytes: Buffer): void {
  const changed = Buffer.from(files.get(name) ?? Buffer.alloc(0))
  bytes.copy(changed, offset)
  files.set(name, changed)
}
