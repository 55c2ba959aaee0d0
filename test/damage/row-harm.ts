import fc from 'fast-check'
import { Level } from 'level'

/** Damage below the checksums of LevelDB: in memory, or by a fault of its own. */
export interface RowHarm {
  readonly kind: 'flip' | 'cut' | 'swap' | 'lose' | 'repeat'
  readonly row: number
  readonly other: number
  readonly bit: number
}

const any = fc.noBias(fc.nat(100_000))

export const rowHarms: fc.Arbitrary<RowHarm> = fc.record({
  kind: fc.constantFrom('flip', 'cut', 'swap', 'lose', 'repeat'),
  row: any,
  other: any,
  bit: any,
})

/** All but commits and indexes. That others are missing only `perdure verify` can tell. */
const READ = /^[abetvwz]!/
const COUNTED = /^[abetw]!/

/** Damages one row or two of the journal in `dir`; says which. */
export async function damageRow(dir: string, { kind, row, other, bit }: RowHarm): Promise<string> {
  const db = new Level<string, Buffer>(dir, { valueEncoding: 'buffer', createIfMissing: false })
  try {
    const wanted = kind === 'lose' ? COUNTED : READ
    const rows = (await db.iterator().all()).filter(([key]) => wanted.test(key))
    const [key, value] = rows[row % rows.length] ?? missing()
    const [otherKey, otherValue] = rows[other % rows.length] ?? missing()
    switch (kind) {
      case 'flip': {
        const at = bit % value.length
        await db.put(
          key,
          Buffer.from(value.map((byte, i) => (i === at ? byte ^ (1 << (bit % 8)) : byte))),
        )
        break
      }
      case 'cut':
        await db.put(key, value.subarray(0, bit % value.length))
        break
      case 'swap':
        await db.batch().put(key, otherValue).put(otherKey, value).write()
        break
      case 'lose':
        await db.del(key)
        break
      case 'repeat':
        await db.put(`${key}0`, value)
        break
      default:
        kind satisfies never
    }
    return `${kind} of ${key}${kind === 'swap' ? ` and ${otherKey}` : ''}`
  } finally {
    await db.close()
  }
}

function missing(): never {
  throw new Error('the journal has no rows')
}
