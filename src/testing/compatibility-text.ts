import { relative, sep } from 'node:path'
import type { Compatibility } from './compatibility.ts'
import { type Group, messageOf } from './divergence-group.ts'

/** Groups that are told in full; the rest is counted. */
const TOLD = 20
const IDS_TOLD = 3

/** What the report is made of. */
export type Compared = Pick<Compatibility, 'live' | 'fitting' | 'parked' | 'ended' | 'groups'>

/** What else the report may tell. */
export interface Telling {
  /** In full, those that have ended and differ as well. */
  readonly ended?: boolean
  /** The line of source at a site. */
  readonly lineAt?: (site: string) => string | undefined
  /** How wide lines may be. Default 100. */
  readonly columns?: number
  /** Where paths are told from. Default: where the process runs. */
  readonly cwd?: string
}

/** The report for people: one line that says it all, then what differs, alike runs together. */
export function compatibilityText(report: Compared, telling: Telling = {}): string {
  const { live, fitting, groups } = report
  const unsafe = groups.filter(
    ({ stage, example: { verdict } }) =>
      isBad(verdict) &&
      (stage === 'live' || (stage === 'ended' && telling.ended === true && verdict !== 'unknown')),
  )
  const parts = [
    `safe to deploy for ${number(fitting)} of ${number(live.runs)} live runs`,
    ...unsafe.slice(0, TOLD).map(group => groupText(group, telling)),
    ...more(unsafe.slice(TOLD)),
    ...aside(report),
  ]
  return parts.join('\n\n')
}

const isBad = (verdict: Group['example']['verdict']): boolean =>
  verdict !== 'same' && verdict !== 'extends' && verdict !== 'unchecked'

function more(groups: readonly Group[]): string[] {
  if (groups.length === 0) return []
  const runs = groups.reduce((sum, { count }) => sum + count, 0)
  return [`and ${counted(runs)} that differ in ${number(groups.length)} other ways`]
}

/** What does not stand in the way of deploying. */
function aside({ live, parked, ended, groups }: Compared): string[] {
  const lines: string[] = []
  if (live.extends > 0) {
    lines.push(`${counted(live.extends)} of these had failed and go on with this code`)
  }
  const mended = groups.filter(
    ({ stage, example: { verdict } }) =>
      stage === 'parked' && (verdict === 'same' || verdict === 'extends'),
  )
  if (parked.runs > 0) {
    const fit = parked.same + parked.extends
    const retry = fit === 0 ? '' : `; engine.retry(id) lets them go on: ${idsOf(mended)}`
    lines.push(`parked before: ${number(fit)} of ${counted(parked.runs)} fit this code${retry}`)
  }
  if (ended.runs > 0) {
    const { runs, same, extends: longer } = ended
    const other = runs - same - longer
    lines.push(
      `ended: ${number(same)} of ${counted(runs)} do the same with this code, ` +
        `${number(longer)} go on, ${number(other)} differ`,
    )
  }
  return lines.length === 0 ? [] : [lines.join('\n')]
}

/** What runs have in common that differ in the same way, and what to do about it. */
export function groupText(group: Group, telling: Telling = {}): string {
  const { lineAt, columns = WIDTH, cwd = process.cwd() } = telling
  const row = rowOf(columns)
  const { example, count } = group
  const of = example.workflow ?? 'unreadable'
  const rows: string[] = []
  switch (example.verdict) {
    case 'extends':
    case 'diverges': {
      const { entry, recorded, asked, site, after, hint } = example
      rows.push(`${of}: ${count === 1 ? '1 run diverges' : `${number(count)} runs diverge`}`)
      rows.push(row('recorded', `${recorded} (entry ${entry} of ${example.run})`))
      rows.push(row('asked', at(asked, site, cwd)))
      const line = site === undefined ? undefined : lineAt?.(site)
      if (line !== undefined) rows.push(row('', line))
      if (after !== undefined) rows.push(row('after', at(after.asked, after.site, cwd)))
      rows.push(row('fix', hint))
      break
    }
    case 'damaged':
    case 'defect':
      rows.push(`${of}: ${counted(count)} cannot be replayed (${example.verdict})`)
      rows.push(row('error', messageOf(example.error)), row('fix', example.hint))
      break
    case 'unknown':
      rows.push(`${of}: ${counted(count)} of an unknown workflow`, row('fix', example.hint))
      break
    case 'unchecked':
    case 'same':
      break
    default:
      example satisfies never
  }
  rows.push(row('runs', idsOf([group])))
  return rows.join('\n')
}

const INDENT = 12
const WIDTH = 100

const rowOf =
  (columns: number) =>
  (name: string, what: string): string => {
    const text = wrapped(what, columns - INDENT).join(`\n${' '.repeat(INDENT)}`)
    return `  ${name.padEnd(INDENT - 4)}  ${text}`
  }

/** Lines of a text, broken at spaces. Ids may have some in them; what is broken is still readable. */
function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

const at = (asked: string, site: string | undefined, cwd: string): string =>
  site === undefined ? asked : `${asked}  ${near(site, cwd)}`

/** A place as seen from there, if it is below. */
function near(site: string, cwd: string): string {
  const path = relative(cwd, site)
  return path.startsWith('..') || path.includes(`..${sep}`) ? site : path
}

function idsOf(groups: readonly Group[]): string {
  const count = groups.reduce((sum, group) => sum + group.count, 0)
  const ids = groups.flatMap(({ runs }) => runs).slice(0, IDS_TOLD)
  const others = count - ids.length
  return `${ids.join(', ')}${others > 0 ? ` and ${number(others)} more` : ''}`
}

const counted = (runs: number): string => (runs === 1 ? '1 run' : `${number(runs)} runs`)

const number = (count: number): string => count.toLocaleString('en-US')
