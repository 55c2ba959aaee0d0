import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const LONGEST_FILE = 220
const LONGEST_LINE = 120

/** What the files of a folder may import of ours. `types` of a folder: its types only. */
const arrows: Record<string, { values: string[]; types: string[] }> = {
  journal: { values: [], types: [] },
  'src/define': { values: [], types: ['journal'] },
  'src/ports': { values: [], types: ['journal', 'src/define'] },
  'src/timers': { values: [], types: ['journal', 'src/define', 'src/ports'] },
  'src/run': { values: ['journal', 'src/define'], types: ['src/ports', 'src/timers'] },
  'src/router': { values: ['journal', 'src/define'], types: ['src/ports', 'src/timers'] },
  'src/admission': { values: [], types: ['journal', 'src/define'] },
  'src/inspect': { values: ['journal', 'src/define', 'src/router', 'src/admission'], types: [] },
  'src/control': { values: ['journal', 'src/define', 'src/inspect'], types: [] },
  'src/engine': {
    values: [
      'journal',
      'src/define',
      'src/ports',
      'src/timers',
      'src/run',
      'src/router',
      'src/admission',
      'src/inspect',
      'src/control',
    ],
    types: [],
  },
  'src/testing': {
    values: [
      'journal',
      'src/define',
      'src/ports',
      'src/timers',
      'src/run',
      'src/router',
      'src/engine',
      'src/inspect',
      'src',
    ],
    types: [],
  },
  'src/cli': {
    values: ['journal', 'src/testing', 'src/inspect', 'src/control'],
    types: ['src/define'],
  },
  src: {
    values: ['journal', 'src/define', 'src/engine', 'src/ports', 'src/inspect', 'src/control'],
    types: [],
  },
}

/** The one base class of all errors is below everything. */
const FOR_ALL = 'journal/error.ts'

/** Who may import what is not ours. Node's own modules are for everybody. */
const packages: Record<string, (file: string) => boolean> = {
  xstate: file => file === 'src/run/machine.ts',
  level: file => file.startsWith('journal/'),
  'abstract-level': file => file.startsWith('journal/'),
  'memory-level': file => file.startsWith('journal/'),
  msgpackr: file => file.startsWith('journal/'),
  zod: file => file.startsWith('journal/') || file.startsWith('src/'),
  '@standard-schema/spec': file =>
    file.startsWith('src/define/') || file === 'src/testing/inputs.ts',
  '@marcbachmann/cel-js': file => file === 'src/define/expression/syntax.ts',
  croner: file => file === 'src/define/calendar.ts',
  vitest: file => file === 'src/testing/vitest.ts',
  commander: file => file.startsWith('src/cli/'),
  'string-width': file => file.startsWith('src/cli/'),
}

const TIME_AND_CHANCE =
  /\bDate\.now\(|\bperformance\.now\(|\bsetTimeout\(|\bsetInterval\(|\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/

/** Beside the ports: identities of what is created, and a socket that must not be waited for. */
const mayUseTimeAndChance = (file: string): boolean =>
  file.startsWith('src/ports/') ||
  file.startsWith('src/cli/') ||
  ['src/control/client.ts', 'src/control/session.ts'].includes(file) ||
  ['journal/start.ts', 'journal/leveldb/liveness.ts'].includes(file)

interface Import {
  readonly from: string
  readonly isType: boolean
}

const files = [...filesIn('journal'), ...filesIn('src')]

describe('the arrows between folders', () => {
  for (const file of files) {
    test(file, () => {
      const folder = folderOf(file)
      const may = arrows[folder]
      expect(may, `${folder} is not in the list of folders`).toBeDefined()
      for (const { from, isType } of importsOf(file)) {
        if (from.startsWith('node:')) continue
        if (!from.startsWith('.')) {
          const name = from.startsWith('@') ? from : (from.split('/')[0] ?? from)
          expect(packages[name]?.(file), `${file} imports ${from}`).toBe(true)
          continue
        }
        const target = relative(ROOT, resolve(ROOT, dirname(file), from))
        const other = folderOf(target)
        const allowed =
          other === folder ||
          target === FOR_ALL ||
          may?.values.includes(other) ||
          (isType && may?.types.includes(other))
        expect(allowed, `${file} imports ${target}`).toBe(true)
      }
    })
  }
})

describe('every file', () => {
  test('is small, and named after one thing', () => {
    for (const file of files) {
      const lines = read(file).trimEnd().split('\n')
      expect(lines.length, `${file} has ${lines.length} lines`).toBeLessThanOrEqual(LONGEST_FILE)
      expect(file).not.toMatch(/\/(utils?|helpers?|common|types|misc)\.ts$/)
      for (const line of lines)
        expect(line.length, `${file}: ${line}`).toBeLessThanOrEqual(LONGEST_LINE)
    }
  })

  test('takes time and chance from the ports', () => {
    for (const file of files) {
      if (mayUseTimeAndChance(file)) continue
      const used = code(file).match(TIME_AND_CHANCE)?.[0]
      expect(used, `${file} uses ${used}`).toBeUndefined()
    }
  })

  // V8 makes such a function as if it were to stay: what it holds is there until all memory is
  // searched. A test that opens engines by the thousand spent half of its time on collecting them.
  test('makes no function where it is assigned to a property', () => {
    const assigned =
      /[\w)\]]\.#?\w+ (?:\?\?)?=\s+(?:async )?(?:function|\([^()]*\)[^=\n;]*=>|\w+ =>)/
    for (const file of files) {
      if (file === 'src/testing/virtual-globals.ts') continue
      const made = assigned.exec(code(file))?.[0]
      expect(made, `${file}: ${made}`).toBeUndefined()
    }
  })

  test('is free of circular imports', () => {
    const state = new Map<string, 'open' | 'done'>()
    const visit = (file: string, path: string[]): void => {
      if (state.get(file) === 'done') return
      expect(state.get(file), [...path, file].join(' -> ')).toBeUndefined()
      state.set(file, 'open')
      for (const { from, isType } of importsOf(file)) {
        if (isType || !from.startsWith('.')) continue
        visit(relative(ROOT, resolve(ROOT, dirname(file), from)), [...path, file])
      }
      state.set(file, 'done')
    }
    for (const file of files) visit(file, [])
  })
})

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(folder, name))
}

function folderOf(file: string): string {
  const [top = '', second = ''] = file.split('/')
  if (top === 'journal') return top
  return second.endsWith('.ts') ? top : `${top}/${second}`
}

function importsOf(file: string): Import[] {
  const imports: Import[] = []
  const statement =
    /^(?:import|export)\s+(type\s)?([^'"]*?)\s*from\s+'([^']+)'|\bimport\('([^']+)'\)/gm
  for (const [, type, names = '', from, lazy] of read(file).matchAll(statement)) {
    const named = /^\{(.*)\}$/s.exec(names.trim())?.[1]
    const all = named
      ?.split(',')
      .map(name => name.trim())
      .filter(name => name !== '')
    const isType = type !== undefined || all?.every(name => name.startsWith('type ')) === true
    imports.push({ from: from ?? lazy ?? '', isType })
  }
  return imports
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

const code = (file: string): string => read(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
