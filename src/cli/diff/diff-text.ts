import { type Looks, paint } from '../looks.ts'
import { plain } from '../plain.ts'
import type { DiffRecord } from '../records/diff.ts'
import { shownId } from '../run-ref.ts'
import { statusLook } from '../status.ts'
import { type Cell, type Column, table } from '../table.ts'
import { tookText } from '../times.ts'
import { cut, pad, widthOf } from '../width.ts'

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
  const { input, output, steps, same } = diff
  const parts = [
    runLines(diff, looks),
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

/** What there is of the runs themselves, one below the other. */
function runLines({ a, b }: DiffRecord, looks: Looks): string {
  const cellsOf = ([name, run]: readonly [string, DiffRecord['a']]): readonly Cell[] => {
    const { mark, style } = statusLook(run.status as Parameters<typeof statusLook>[0], looks)
    return [
      { text: name },
      { text: plain(shownId(run.id, looks.ascii)), style: 'bold' },
      { text: plain(run.workflow) },
      { text: `${mark} ${run.status}`, style },
      { text: run.tookMs === undefined ? '' : tookText(run.tookMs) },
    ]
  }
  const all = (
    [
      ['a', a],
      ['b', b],
    ] as const
  ).map(cellsOf)
  return table(RUN_COLUMNS, all, looks, { header: false })
}

const RUN_COLUMNS: readonly Column[] = [
  { name: '' },
  { name: '' },
  { name: '', grows: true },
  { name: '' },
  { name: '', align: 'right', gives: 1 },
]

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
/** Values behind longer paths do not stand below each other. */
const LONGEST_PATH = 24

function changesText(of: string, changes: Changes, looks: Looks): string {
  if (changes.length === 0) return ''
  const arrow = looks.ascii ? '->' : '→'
  const shown = changes.slice(0, SHOWN)
  const width = Math.min(LONGEST_PATH, Math.max(...shown.map(({ path }) => widthOf(plain(path)))))
  const lines = shown.map(({ path, ...sides }) => {
    const told = plain(`${sideOf('a', sides)} ${arrow} ${sideOf('b', sides)}`)
    return `  ${cut(`${pad(plain(path), width)}  ${told}`, looks.columns - 2, looks.ascii)}\n`
  })
  const more = changes.length - lines.length
  return `${of} differs at\n${lines.join('')}${more > 0 ? `  and ${more} more places\n` : ''}`
}

const sideOf = (side: 'a' | 'b', sides: object): string =>
  Object.hasOwn(sides, side) ? JSON.stringify(Object(sides)[side]) : '(nothing)'
