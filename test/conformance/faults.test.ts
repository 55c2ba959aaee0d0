import { rm } from 'node:fs/promises'
import { afterAll, describe, test } from 'vitest'
import { bundleChild } from '../crash/bundle.ts'
import { faultSuite } from './fault-suite.ts'
import { openFaultyDisk } from './faulty-disk.ts'
import { openFaultyLevel } from './faulty-level.ts'

const child = await bundleChild('conformance')
afterAll(() => rm(child, { force: true }))

faultSuite('LevelDB', openFaultyLevel(child), { describe, test })
faultSuite('simulated', openFaultyDisk('flipped'), { describe, test })
faultSuite('simulated, damage is noticed', openFaultyDisk('unreadable'), { describe, test })
