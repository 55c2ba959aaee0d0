import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scanLog } from '../../../journal/leveldb/log-scan.ts'
import { FIRST, FULL, fragment, LAST, MIDDLE } from './fragment.ts'
import { bytesOf, scratch } from './store.ts'

const BLOCK = 32 * 1024
const dirs = scratch()

/** Sizes that end records around the borders of blocks, where the format has its corners. */
const sizes = fc.array(
  fc.oneof(
    fc.nat(300),
    fc.integer({ min: BLOCK - 40, max: BLOCK + 20 }),
    fc.integer({ min: 60_000, max: 100_000 }),
  ),
  { minLength: 1, maxLength: 6 },
)

test('what was written is read back, whatever the sizes', () =>
  fc.assert(
    fc.asyncProperty(sizes, async sizes => {
      const { log, records } = written(sizes)
      const seen: Uint8Array[] = []
      const scan = await scanLog(log, record => void seen.push(Buffer.from(record)))
      expect(scan).toEqual({ records: sizes.length, bytes: log.length, end: { kind: 'clean' } })
      expect(Buffer.concat(seen).equals(Buffer.concat(records))).toBe(true)
      expect(seen.map(record => record.length)).toEqual(sizes)
    }),
    { numRuns: 50 },
  ))

test('cut anywhere, a log is torn from the record that was cut, and never damaged', () =>
  fc.assert(
    fc.asyncProperty(sizes, fc.nat(), async (sizes, at) => {
      const { log, starts, ends } = written(sizes)
      const cut = at % (log.length + 1)
      const { end, records } = await scanLog(log.subarray(0, cut))
      const whole = ends.filter(offset => offset <= cut).length
      expect(records).toBe(whole)
      if (end.kind === 'clean') expect(cut - (ends[whole - 1] ?? 0)).toBeLessThan(7)
      else {
        expect(end.kind).toBe('torn')
        expect(end.offset).toBeGreaterThanOrEqual(ends[whole - 1] ?? 0)
        expect(end.offset).toBeLessThanOrEqual(starts[whole] ?? 0)
        expect(end).toMatchObject({ bytes: cut - end.offset })
      }
    }),
    { numRuns: 100 },
  ))

test('a small log is torn at every single cut', async () => {
  const { log, ends } = written([20, 0, 5])
  for (let cut = 0; cut <= log.length; cut++) {
    const { end } = await scanLog(log.subarray(0, cut))
    expect(end.kind).toBe(cut === 0 || ends.includes(cut) ? 'clean' : 'torn')
  }
})

test('every flipped bit of a small log is damage, the last record included', async () => {
  const { log } = written([20, 0, 50, 300])
  for (let bit = 0; bit < log.length * 8; bit++) {
    const { end } = await scanLog(flipped(log, bit))
    expect(end.kind, `bit ${bit}`).toBe('damaged')
  }
})

test('a flipped bit anywhere is damage, but for filling between blocks', () =>
  fc.assert(
    fc.asyncProperty(sizes, fc.nat(), async (sizes, at) => {
      const { log, filling } = written(sizes)
      const bit = at % (log.length * 8)
      const { end } = await scanLog(flipped(log, bit))
      expect(end.kind).toBe(filling.has(bit >> 3) ? 'clean' : 'damaged')
    }),
    { numRuns: 100 },
  ))

describe('damage is named', () => {
  const { log, starts } = written([100, 200, 40_000, 100])

  test('a bad checksum, with the offset of its record', async () => {
    const { end } = await scanLog(flipped(log, (starts[1]! + 30) * 8))
    expect(end).toEqual({ kind: 'damaged', offset: starts[1], why: 'bad checksum' })
  })

  test('a zeroed page before valid records', async () => {
    const holed = Buffer.from(log)
    holed.fill(0, starts[1], starts[1]! + 4096)
    expect((await scanLog(holed)).end).toEqual({
      kind: 'damaged',
      offset: starts[1],
      why: 'zeroed',
    })
  })

  test('a block lost with a part of two records', async () => {
    const { log } = written([100, 40_000, 40_000, 100])
    const without = Buffer.concat([log.subarray(0, BLOCK), log.subarray(2 * BLOCK)])
    // What is left of the two joins into one; only its content shows it.
    expect((await scanLog(without)).records).toBe(3)
    const { end } = await scanLog(without.subarray(BLOCK))
    expect(end).toEqual({ kind: 'damaged', offset: 0, why: 'missing fragment' })
  })

  test('fragments that do not belong together', async () => {
    const one = fragment(FULL, Buffer.from('one'))
    const first = fragment(FIRST, Buffer.from('first'))
    for (const [parts, offset] of [
      [[one, fragment(LAST, Buffer.from('x'))], one.length],
      [[one, fragment(MIDDLE, Buffer.from('x'))], one.length],
      [[one, first, one], one.length],
      [[one, first, first], one.length],
    ] as const) {
      const { end } = await scanLog(Buffer.concat(parts))
      expect(end).toEqual({ kind: 'damaged', offset, why: 'missing fragment' })
    }
    const odd = Buffer.concat([one, fragment(9, Buffer.from('x'))])
    expect((await scanLog(odd)).end).toMatchObject({ why: 'unknown fragment type' })
  })

  test('a length that hides what follows', async () => {
    const { log, starts } = written([100, 200, 300])
    const lying = Buffer.from(log)
    lying[starts[1]! + 5] = 0x40
    expect((await scanLog(lying)).end).toEqual({
      kind: 'damaged',
      offset: starts[1],
      why: 'valid records after an incomplete one',
    })
  })

  test('a header at the end that no writer would have written', async () => {
    const one = fragment(FULL, Buffer.from('one'))
    const two = fragment(FIRST, bytesOf('two', BLOCK - 2 * 7 - 3))
    const cases = [
      [Buffer.concat([one]), fragment(FIRST, bytesOf('x', 100))],
      [Buffer.concat([one]), fragment(LAST, bytesOf('x', 100))],
      [Buffer.concat([one]), fragment(MIDDLE, bytesOf('x', BLOCK - 2 * 7 - 3))],
      [Buffer.concat([one]), fragment(FULL, bytesOf('x', BLOCK))],
      [Buffer.concat([one, two]), fragment(FULL, bytesOf('x', 100))],
      [Buffer.concat([one, two]), fragment(FIRST, bytesOf('x', BLOCK - 7))],
      [Buffer.concat([one, two]), fragment(MIDDLE, bytesOf('x', 100))],
      [Buffer.concat([one]), fragment(7, bytesOf('x', 100))],
    ] as const
    for (const [whole, last] of cases) {
      const cut = Buffer.concat([whole, last.subarray(0, 50)])
      expect((await scanLog(cut)).end).toEqual({
        kind: 'damaged',
        offset: whole.length,
        why: 'bad length',
      })
    }
  })

  test('what the visitor finds in a record', async () => {
    const { end, records } = await scanLog(log, (_, offset) =>
      offset === starts[2] ? 'out of place' : undefined,
    )
    expect(end).toEqual({ kind: 'damaged', offset: starts[2], why: 'out of place' })
    expect(records).toBe(3)
  })
})

describe('a power cut leaves whole pages of zeros', () => {
  test('behind the last record: torn', async () => {
    const { log } = written([100, 40_000])
    const padded = Buffer.concat([log, Buffer.alloc(3 * BLOCK)])
    expect((await scanLog(padded)).end).toEqual({
      kind: 'torn',
      offset: log.length,
      bytes: 3 * BLOCK,
    })
  })

  test('inside the last record: torn from its start', async () => {
    const { log, starts } = written([100, 40_000, 90_000])
    const zeroed = Buffer.from(log)
    zeroed.fill(0, Math.ceil(starts[2]! / 4096) * 4096 + 8192)
    expect((await scanLog(zeroed)).end).toMatchObject({ kind: 'torn', offset: starts[2] })
  })

  test('in the middle of a header: torn from its start', async () => {
    const { log } = written([4096 - 7 - 5, 3000])
    const start = 4096 - 5
    const zeroed = Buffer.from(log).fill(0, 4096)
    expect((await scanLog(zeroed)).end).toMatchObject({ kind: 'torn', offset: start })
    expect((await scanLog(zeroed.subarray(0, 4200))).end).toMatchObject({
      kind: 'torn',
      offset: start,
    })
    // Only the low byte of the length got through.
    expect((await scanLog(Buffer.concat([zeroed, Buffer.alloc(9000)]))).end.kind).toBe('torn')
  })

  test('but not when anything but zeros follows', async () => {
    const { log, starts } = written([100, 40_000, 90_000])
    const zeroed = Buffer.from(log)
    zeroed.fill(0, Math.ceil(starts[2]! / 4096) * 4096 + 8192)
    zeroed[log.length - 1] = 1
    expect((await scanLog(zeroed)).end.kind).toBe('damaged')
  })
})

test('a file is read in slices and judged like its bytes', async () => {
  const dir = await dirs('log')
  const { log } = written(Array.from({ length: 300 }, (_, at) => 5_000 + at * 13))
  expect(log.length).toBeGreaterThan(2 ** 20)
  for (const [name, bytes] of [
    ['clean', log],
    ['torn', log.subarray(0, log.length - 3)],
    ['damaged', flipped(log, 9_000_000)],
    ['empty', log.subarray(0, 0)],
  ] as const) {
    const path = join(dir, name)
    await writeFile(path, bytes)
    expect(await scanLog(path)).toEqual(await scanLog(bytes))
  }
})

interface Written {
  readonly log: Buffer
  readonly records: readonly Buffer[]
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** Offsets of bytes between blocks that mean nothing. */
  readonly filling: ReadonlySet<number>
}

/** A log as the format says, with records of these sizes. */
function written(sizes: readonly number[]): Written {
  const records = sizes.map((size, at) => bytesOf(`record ${at}`, size))
  const parts: Buffer[] = []
  const [starts, ends, filling]: [number[], number[], Set<number>] = [[], [], new Set()]
  let at = 0
  const append = (bytes: Buffer): void => {
    parts.push(bytes)
    at += bytes.length
  }
  for (const record of records) {
    let rest = record
    let begun = false
    do {
      const room = BLOCK - (at % BLOCK)
      if (room < 7) {
        for (let byte = 0; byte < room; byte++) filling.add(at + byte)
        append(Buffer.alloc(room))
        continue
      }
      const piece = rest.subarray(0, room - 7)
      rest = rest.subarray(piece.length)
      if (!begun) starts.push(at)
      append(fragment(begun ? (rest.length ? MIDDLE : LAST) : rest.length ? FIRST : FULL, piece))
      begun = true
    } while (rest.length > 0 || !begun)
    ends.push(at)
  }
  return { log: Buffer.concat(parts), records, starts, ends, filling }
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}
