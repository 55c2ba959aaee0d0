import { crc32 } from 'node:zlib'

/**
 * An order-free summary of a set of keys, kept up to date as keys come and go. Each commit states
 * the digest of the rows that opening relies on, so that a row lost or invented on disk shows.
 */
export interface Digest {
  count: number
  sum: number
}

export const emptyDigest = (): Digest => ({ count: 0, sum: 0 })

export function addKey(digest: Digest, key: string): void {
  digest.count++
  digest.sum = (digest.sum + crc32(key)) >>> 0
}

export function dropKey(digest: Digest, key: string): void {
  digest.count--
  digest.sum = (digest.sum - crc32(key)) >>> 0
}

export const sameDigest = (a: Digest, b: Digest): boolean => a.count === b.count && a.sum === b.sum
