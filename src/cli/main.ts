#!/usr/bin/env node
import { processIo } from './io.ts'
import { run } from './program.ts'

const status = await run(process.argv.slice(2), processIo())
process.exitCode = status
// Code of a user's that was loaded may keep the process alive. What was written must get there first.
process.stdout.write('', () => process.stderr.write('', () => process.exit(status)))
