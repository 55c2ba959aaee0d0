import { Disk } from '../../src/testing/disk.ts'
import type { FaultySubject, OpenFaulty } from './fault-subject.ts'

/** A simulated disk; `rot`: how its values are damaged. */
export const openFaultyDisk =
  (rot: 'flipped' | 'unreadable'): OpenFaulty =>
  async (durability): Promise<FaultySubject> => {
    const disk = new Disk({ durability })
    return {
      open: () => disk.acquire(),
      seize: async () => disk.seize(),
      kill: async () => disk.crash(),
      cutPower: async share => disk.cutPower(Math.floor(disk.unsynced * share)),
      space: {
        fill: async () => {
          disk.fault = () => 'fails'
        },
        empty: async () => {
          disk.fault = () => undefined
        },
      },
      failSync: async () => {
        disk.fault = () => {
          disk.fault = () => undefined
          return 'fails-but-written'
        }
      },
      rot: async key => disk.rot(key, rot === 'flipped' ? { at: 7, bits: 4 } : 'unreadable'),
      remove: async () => {},
    }
  }
