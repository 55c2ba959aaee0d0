export type { BodyCall, BodyRunner } from '../engine/body-runner.ts'
export { VirtualClock } from './clock.ts'
export { Disk, type DiskWrite, type WriteFault } from './disk.ts'
