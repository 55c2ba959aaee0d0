import { unseal } from '../envelope.ts'
import type { Version } from './version.ts'

/** What was written under a key; without a value it was deleted. */
export function versionOf(key: string, sequence: number, value: Uint8Array | undefined): Version {
  if (value === undefined) return { key, sequence, value: 'deleted' }
  try {
    unseal(key, value)
    return { key, sequence, value }
  } catch {
    return { key, sequence, value: 'damaged' }
  }
}
