import { type Looks, paint } from '../looks.ts'
import { plain } from '../plain.ts'
import type { DiffRecord } from '../records/diff.ts'
import { shownId } from '../run-ref.ts'
import { statusLook } from '../status.ts'
import { type Cell, type Column, table } from '../table.ts'
import { tookText } from '../times.ts'
import { cut } from '../width.ts'

type StepDiff = DiffRecord['steps'][number]
type Changes = DiffRecord['input']

const COLUMNS: readonly Column[] = [
  { name: '' },
  { name: 'STEP' },
  { name: 'A' },
  { name: 'B' },
  { name: 'DIFFERS', gives: 1, grows: true },
]

/** How two runs differ, for people. */
export function diffText(diff: DiffRecord, looks: Looks): string {
  const { a, b, input, output, steps, same } = diff
  const parts = [
    `${runLine('a', a, looks)}${runLine('b', b, looks)}`,
    changesText('input', input, looks),
    steps.length === 0
      ? ''
      : table(
          COLUMNS,
          steps.map(step => cellsOf(step, looks)),
          looks,
        ),
    ...steps.map(({ id, result }) => changesText(`result of ${plain(id)}`, result, looks)),
    changesText('output', output, looks),
    `${paint(looks, ['bold', same ? 'green' : 'red'], verdict(diff))}\n`,
  ]
  return parts.filter(part => part !== '').join('\n')
}

function verdict({ same, a, b, steps }: DiffRecord): string {
  if (same) return 'the same steps, with the same outcome'
  const only = (side: string): number => steps.filter(({ change }) => change === side).length
  const outcomes = steps.filter(({ differs }) => differs.includes('outcome')).length
  const told = [
    ...(a.status === b.status ? [] : [`${a.status} and ${b.status}`]),
    ...(only('only-a') > 0 ? [`${counted(only('only-a'))} only in a`] : []),
    ...(only('only-b') > 0 ? [`${counted(only('only-b'))} only in b`] : []),
    ...(outcomes > 0 ? [`${counted(outcomes)} with another outcome`] : []),
  ]
  return `not the same: ${told.join(', ')}`
}

const counted = (steps: number): string => (steps === 1 ? '1 step' : `${steps} steps`)

function runLine(name: string, run: DiffRecord['a'], looks: Looks): string {
  const { mark, style } = statusLook(run.status as Parameters<typeof statusLook>[0], looks)
  const took = run.tookMs === undefined ? '' : `  ${tookText(run.tookMs)}`
  const id = plain(shownId(run.id, looks.ascii))
  return `${name}  ${id}  ${plain(run.workflow)}  ${paint(looks, style, `${mark} ${run.status}`)}${took}\n`
}

const MARKS = {
  same: ['=', 'dim'],
  changed: ['~', 'yellow'],
  'only-a': ['-', 'red'],
  'only-b': ['+', 'green'],
} as const

function cellsOf(step: StepDiff, { ascii }: Looks): readonly Cell[] {
  const [mark, style] = MARKS[step.change]
  const called = step.type === 'step' ? step.id : `${step.type} ${step.id}`
  return [
    { text: mark, style },
    { text: plain(called), style },
    { text: sideText(step.a, ascii) },
    { text: sideText(step.b, ascii) },
    { text: step.differs.join(', ') },
  ]
}

const OUTCOMES = {
  ok: ['✓', 'v'],
  failed: ['✗', 'X'],
  timeout: ['⏱ timed out', 'timed out'],
  open: ['… open', 'open'],
} as const

function sideText(side: StepDiff['a'], ascii: boolean): string {
  if (side === undefined) return ''
  const { outcome, attempts = 1, tookMs } = side
  const [mark, plainMark] = OUTCOMES[outcome]
  const took = tookMs === undefined ? '' : ` ${tookText(tookMs)}`
  const tries = attempts > 1 ? `, ${attempts} attempts` : ''
  return `${ascii ? plainMark : mark}${took}${tries}`
}

/** More of them tell no more. */
const SHOWN = 12

function changesText(of: string, changes: Changes, looks: Looks): string {
  if (changes.length === 0) return ''
  const arrow = looks.ascii ? '->' : '→'
  const lines = changes.slice(0, SHOWN).map(({ path, ...sides }) => {
    const told = `${path}   ${sideOf('a', sides)} ${arrow} ${sideOf('b', sides)}`
    return `  ${cut(plain(told), looks.columns - 2, looks.ascii)}\n`
  })
  const more = changes.length - lines.length
  return `${of} differs at\n${lines.join('')}${more > 0 ? `  and ${more} more places\n` : ''}`
}

const sideOf = (side: 'a' | 'b', sides: object): string =>
  Object.hasOwn(sides, side) ? JSON.stringify(Object(sides)[side]) : '(nothing)'
