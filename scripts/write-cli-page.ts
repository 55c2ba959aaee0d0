import { writeFileSync } from 'node:fs'
import { cliPage } from './cli-page.ts'

/** Writes the pages that are made from the sources. */
writeFileSync(new URL('../docs/cli.md', import.meta.url), cliPage())
