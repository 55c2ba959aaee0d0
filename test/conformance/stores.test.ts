import { describe, test } from 'vitest'
import { storeSuite } from './store-suite.ts'
import { openLevel, openMemory, openSimulated } from './stores.ts'

const framework = { describe, test }

storeSuite('on LevelDB', openLevel, framework)
storeSuite('in memory', openMemory, framework)
storeSuite('on a simulated disk', openSimulated, framework)
