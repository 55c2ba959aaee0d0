/** The part of MessagePack that docs/journal-format.md names; anything else throws. */
export type Item = null | boolean | number | string | Uint8Array | readonly Item[] | ItemMap
export type ItemMap = ReadonlyMap<string, Item>

/** The one item that the bytes from `start` to their end are. */
export function unpack(bytes: Uint8Array, start: number): Item {
  const reading = new Reading(bytes, start)
  const item = reading.item()
  if (!reading.isOver) throw new Error('bytes follow the item')
  return item
}

class Reading {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = start
  }

  get isOver(): boolean {
    return this.#at === this.#bytes.length
  }

  item(): Item {
    const first = this.#uint(1)
    if (first < 0x80) return first
    if (first >= 0xe0) return first - 0x100
    if (first < 0x90) return this.#map(first & 0x0f)
    if (first < 0xa0) return this.#array(first & 0x0f)
    if (first < 0xc0) return this.#str(first & 0x1f)
    if (first === 0xc0) return null
    if (first === 0xc2 || first === 0xc3) return first === 0xc3
    if (first >= 0xc4 && first <= 0xc6) return this.#take(this.#uint(1 << (first - 0xc4)))
    if (first === 0xcb) return this.#take(8).readDoubleBE()
    if (first >= 0xcc && first <= 0xce) return this.#uint(1 << (first - 0xcc))
    if (first >= 0xd0 && first <= 0xd2) return this.#int(1 << (first - 0xd0))
    if (first >= 0xd9 && first <= 0xdb) return this.#str(this.#uint(1 << (first - 0xd9)))
    if (first === 0xdc || first === 0xdd) return this.#array(this.#uint(2 << (first - 0xdc)))
    if (first === 0xde || first === 0xdf) return this.#map(this.#uint(2 << (first - 0xde)))
    throw new Error(`0x${first.toString(16)} is not part of the format`)
  }

  #take(length: number): Buffer {
    this.#at += length
    if (this.#at > this.#bytes.length) throw new Error('the bytes end too early')
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  #uint(width: number): number {
    return this.#take(width).readUIntBE(0, width)
  }

  #int(width: number): number {
    return this.#take(width).readIntBE(0, width)
  }

  #str(length: number): string {
    return this.#take(length).toString('utf8')
  }

  #array(length: number): Item[] {
    const items: Item[] = []
    while (items.length < length) items.push(this.item())
    return items
  }

  #map(count: number): ItemMap {
    const map = new Map<string, Item>()
    for (let left = count; left > 0; left--) {
      const key = this.item()
      if (typeof key !== 'string' || map.has(key)) throw new Error('a key is no string, or twice')
      map.set(key, this.item())
    }
    return map
  }
}
