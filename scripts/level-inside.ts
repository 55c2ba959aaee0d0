import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type { Plugin } from 'esbuild'

/** What is part of the command although it is installed beside it. */
export const levelPackages = ['level', 'abstract-level']

const ofLevel = createRequire(createRequire(import.meta.url).resolve('level'))
const { version }: { version: string } = JSON.parse(
  readFileSync(ofLevel.resolve('classic-level/package.json'), 'utf8'),
)

/**
 * Puts the JavaScript of LevelDB into the bundle, which is thirty small files otherwise. What is
 * compiled stays where it was installed; if that is of another release, so does the JavaScript.
 */
export const levelInside: Plugin = {
  name: 'level-inside',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^level$/ }, () => ({ path: 'level', namespace: 'level-inside' }))
    onLoad({ filter: /./, namespace: 'level-inside' }, () => ({
      contents: CHOICE,
      resolveDir: dirname(ofLevel.resolve('classic-level')),
    }))
    onLoad({ filter: /classic-level[\\/]binding\.js$/ }, () => ({ contents: BINDING }))
  },
}

const INSTALLED = `require('node:module').createRequire(require.resolve('level'))`

const CHOICE = `const installed = ${INSTALLED}
const isSame = installed('classic-level/package.json').version === ${JSON.stringify(version)}
export const Level = (isSame ? require('./index.js') : installed('classic-level')).ClassicLevel`

const BINDING = `const { dirname } = require('node:path')
const installed = ${INSTALLED}
module.exports = require('node-gyp-build')(dirname(installed.resolve('classic-level')))`
