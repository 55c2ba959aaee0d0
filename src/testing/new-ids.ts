import type { Ids } from '../ports/ids.ts'

/** Ids that no recorded run or event has. */
export function newIds(): Ids {
  let count = 0
  const next = (kind: string) => (): string => `playback-${kind}-${++count}`
  return { run: next('run'), event: next('event'), journal: () => 'playback' }
}
