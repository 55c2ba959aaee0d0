import { Packr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { decodeValue } from '../../journal/codec/decode.ts'
import { fromTaggedJson } from '../../journal/codec/json.ts'
import { guardMsgpack } from '../../journal/codec/msgpack-guard.ts'
import { JournalError } from '../../journal/error.ts'

const fromHex = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')

/** Whether it decoded. Any error but the one for damage escapes. */
function survives(bytes: Uint8Array): boolean {
  try {
    decodeValue(bytes)
    return true
  } catch (error) {
    if (error instanceof JournalError && error.code === 'JOURNAL_CORRUPT') return false
    throw error
  }
}

describe('bytes that are no value are refused', () => {
  it.each([
    ['nothing', ''],
    ['an unknown form', '13 c0'],
    ['another version', '21 c0'],
    ['bytes after undefined', '10 c0'],
    ['no item', '11'],
    ['bytes after the item', '11 c0 c0'],
    ['the unused token', '11 c1'],
    ['bin in the plain form', '11 c4 01 00'],
    ['float 32', '11 ca 3f800000'],
    ['uint 64', '11 cf 0000000000000001'],
    ['int 64', '11 d3 0000000000000001'],
    ['ext 8', '11 c7 01 42 00'],
    ['fixext 1', '11 d4 00 00'],
    ['a record definition', '12 d4 72 40 91 a1 61 01'],
    ['a timestamp', '12 d6 ff 00000000'],
    ['a bundle', '11 d6 62 00000001 a0'],
    ['a cut string', '11 a3 6161'],
    ['a cut long string', '11 d9 30 61'],
    ['a long string that is short', '11 d9 01 61'],
    ['a longer string that is short', `11 da 0020 ${'61'.repeat(32)}`],
    ['a cut float', '11 cb 00'],
    ['a cut uint', '11 cd 00'],
    ['a huge array', '11 dd ffffffff c0'],
    ['a huge map', '11 df ffffffff a0 c0'],
    ['a cut array header', '11 dd 00'],
    ['a map with half an entry', '11 81 a1 61'],
    ['a number as key', '11 81 01 01'],
    ['an array as key', '12 81 90 01'],
    ['the key __proto__', `11 81 a9 ${Buffer.from('__proto__').toString('hex')} 80`],
    ['bytes outside of a tag', '12 c4 01 00'],
    ['a reference forward', '12 91 81 a124 01'],
    ['a reference to nothing', '12 81 a124 00'],
    ['a negative reference', '12 91 81 a124 ff'],
    ['a broken reference', '12 91 81 a124 cb3fe0000000000000'],
    ['an unknown constant', '12 81 a124 a178'],
    ['an empty tag', '12 81 a124 90'],
    ['a tag with nil', '12 81 a124 c0'],
    ['an unknown kind', '12 81 a124 91 a178'],
  ])('%s', (_, hex) => {
    expect(survives(fromHex(hex))).toBe(false)
  })

  it.each<[string, unknown[]]>([
    ['hex with letters', ['bigint', 'xyz']],
    ['an empty bigint', ['bigint', '']],
    ['a date of text', ['date', 'x']],
    ['a pattern', ['regexp', '(', '', 0]],
    ['flags', ['regexp', 'a', 'gg', 0]],
    ['an address', ['url', 'nowhere']],
    ['a class', ['error', 'Function', 0]],
    ['a constructor', ['error', 'constructor', 0]],
    ['a hidden count', ['error', 'Error', 'x']],
    ['a length', ['array', -1]],
    ['a too large length', ['array', 2 ** 32]],
    ['a length by name', ['array', 1, 'length', -1]],
    ['odd bytes', ['Uint16Array', Buffer.from('abc')]],
    ['bytes of text', ['Uint8Array', 'abc']],
    ['a global that is no array', ['ArrayBuffer', 5]],
    ['an abstract class', ['TypedArray', Buffer.from('abc')]],
    ['Array itself', ['Array', Buffer.from('abc')]],
    ['a class of tomorrow', ['Float99Array', Buffer.from('abc')]],
    ['half an entry of an object', ['object', 5]],
  ])('a tag that lies about %s', (_, body) => {
    const packr = new Packr({ useRecords: false })
    expect(survives(Buffer.concat([Buffer.of(0x12), packr.pack({ $: body })]))).toBe(false)
  })

  it.each([
    'c0 c0',
    'a3 6161',
    'd9 30 61',
    'da 0100 61',
    'cb 00',
    'cc',
    'ce 0000',
    '92 c0',
    '81 a1 61',
    'dc 0001',
    'ca 3f800000 00000000',
    'cf 0000000000000001',
    'd3 0000000000000001',
    'c1',
    'c4 02 00',
    'd4 00 00',
  ])('by the guard, before anything is decoded: %s', hex => {
    const bytes = fromHex(`12 ${hex}`)
    expect(() => guardMsgpack(bytes, 1, true)).toThrow(JournalError)
  })

  it('too deep to be read by a recursive decoder', () => {
    for (const token of [0x91, 0x81]) {
      const level = token === 0x91 ? [0x91] : [0x81, 0xa1, 0x61]
      const bytes = Buffer.from([0x11, ...Array(200_000).fill(level).flat(), 0xc0])
      expect(survives(bytes)).toBe(false)
    }
  })

  it('though they decode elsewhere: records, and whatever else msgpackr writes', () => {
    for (const options of [
      {},
      { moreTypes: true },
      { structuredClone: true },
      { bundleStrings: true },
    ]) {
      const packr = new Packr({ useBigIntExtension: true, ...options })
      const value = { a: 1, when: new Date(5), big: 2n ** 70n, text: ['abcdef', 'ghijkl'] }
      expect(survives(Buffer.concat([Buffer.of(0x12), packr.pack([value, value])]))).toBe(false)
    }
  })
})

describe('hostile JSON', () => {
  it.each<[unknown]>([
    [{ $: 'junk' }],
    [{ $: 3 }],
    [{ $: null }],
    [{ $: ['date', 'yesterday'] }],
    [{ $: ['Function', 'x'] }],
    [() => 1],
    [[undefined]],
  ])('%#', json => {
    expect(() => fromTaggedJson(json)).toThrow(JournalError)
  })

  it('with __proto__ keys sets no prototype', () => {
    const value = Object(fromTaggedJson(JSON.parse('{"__proto__": {"polluted": 1}, "a": 2}')))
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value)).toEqual(['__proto__', 'a'])
  })

  it('that is a cycle', () => {
    const cycle: unknown[] = []
    cycle.push(cycle)
    expect(() => fromTaggedJson(cycle)).toThrow(/nests too deep/)
  })
})
