import type { KeyRange } from '../../journal/keys.ts'
import type { ScanOptions } from '../../journal/store.ts'
import { SortedKeys } from './sorted-keys.ts'

/** Rows by key, and in key order. */
export class Rows extends Map<string, Uint8Array> {
  readonly #keys = new SortedKeys()

  override set(key: string, value: Uint8Array): this {
    if (!this.has(key)) this.#keys.add(key)
    return super.set(key, value)
  }

  override delete(key: string): boolean {
    if (this.has(key)) this.#keys.remove(key)
    return super.delete(key)
  }

  override clear(): void {
    this.#keys.clear()
    super.clear()
  }

  between({ gte, lt }: KeyRange, options: ScanOptions = {}): [string, Uint8Array][] {
    return this.#keys.between(gte, lt, options).map(key => [key, this.get(key) as Uint8Array])
  }
}
