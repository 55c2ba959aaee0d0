import { keys } from '../../journal/keys.ts'
import type { Machine } from '../../src/testing/machine.ts'

/** The process dies when it has written so often, or when it rests before. */
export async function dieAfter(machine: Machine, writes: number): Promise<void> {
  const { disk } = machine
  let left = writes
  if (left === 0) machine.crash()
  disk.onWrite = () => {
    if (--left === 0) machine.crash()
  }
  await machine.settle()
  disk.onWrite = () => {}
}

/** After many deaths in a row runs would come back slowly, whatever is being tested. */
export async function forgetDeaths({ disk }: Machine): Promise<void> {
  const batch = disk.open().batch()
  batch.del(keys.recovery)
  await batch.write()
}
