import { describe, test } from 'vitest'
import { journalSuite } from './journal-suite.ts'
import { openLevel, openMemory, openSimulated } from './stores.ts'

const framework = { describe, test }

journalSuite('on LevelDB', openLevel, framework)
journalSuite('in memory', openMemory, framework)
journalSuite('on a simulated disk', openSimulated, framework)
