import type { Head } from '../../journal/head.ts'
import {
  type Compared,
  compatibilityText,
  groupText,
  type Telling,
} from '../testing/compatibility-text.ts'
import type { Group } from '../testing/divergence-group.ts'
import { type Looks, paint } from './looks.ts'
import { plain, plainLines } from './plain.ts'
import type { CompatibilityRecord } from './records/compatibility.ts'
import { sourceLine } from './source-line.ts'
import type { UserCode } from './user-code.ts'

interface Told {
  readonly journal: string
  readonly code: UserCode
  readonly differs: boolean
}

export function compatibilityOf(
  { live, parked, ended, fitting, groups }: Compared,
  { journal, code, differs }: Told,
): CompatibilityRecord {
  return {
    ...{ v: 1, kind: 'compatibility', journal, code: code.path },
    workflows: code.workflows.map(({ id }) => id).sort(),
    ...{ safe: fitting === live.runs, fitting, differs, live, parked, ended },
    groups: groups.map(groupRecord),
  }
}

type GroupRecord = CompatibilityRecord['groups'][number]

function groupRecord({ stage, count, runs, example }: Group): GroupRecord {
  const { verdict, workflow, run } = example
  const same = {
    ...{ stage, verdict, count, runs: [...runs], example: run },
    ...(workflow !== undefined && { workflow }),
  }
  switch (example.verdict) {
    case 'same':
      return same
    case 'unknown':
    case 'unchecked':
      return { ...same, fix: example.hint }
    case 'damaged':
    case 'defect':
      return { ...same, error: String(example.error), fix: example.hint }
    case 'extends':
    case 'diverges': {
      const { entry, recorded, asked, site, after, hint } = example
      return {
        ...{ ...same, entry, recorded, asked, fix: hint },
        ...(site !== undefined && { site, ...lineOf(site) }),
        ...(after !== undefined && { after: withoutAbsent(after) }),
      }
    }
    default:
      return example satisfies never
  }
}

const lineOf = (site: string): { line?: string } => {
  const line = sourceLine(site)
  return line === undefined ? {} : { line }
}

const withoutAbsent = ({ asked, site }: { asked: string; site: string | undefined }) =>
  site === undefined ? { asked } : { asked, site }

interface Showing {
  /** The only run that was asked for. */
  readonly one: Head | undefined
  readonly differs: boolean
  readonly looks: Looks
  readonly cwd: string
}

const telling = ({ looks, cwd }: Pick<Showing, 'looks' | 'cwd'>): Telling => ({
  ...{ ended: true, lineAt: sourceLine, columns: looks.columns, cwd },
})

export function replayText(report: Compared, showing: Showing): string {
  const { one, differs, looks } = showing
  const style = differs ? 'red' : 'green'
  if (one !== undefined) return oneText(one, report, style, showing)
  const [first = '', ...rest] = plainLines(compatibilityText(report, telling(showing))).split('\n')
  return [paint(looks, ['bold', style], first), ...rest].join('\n')
}

function oneText(
  { run, workflow, status }: Head,
  { groups }: Compared,
  style: 'red' | 'green',
  showing: Showing,
): string {
  const different = groups.filter(({ example }) => example.verdict !== 'same')
  const told = different.length === 0 ? 'the same with this code' : 'not the same with this code'
  const title = paint(showing.looks, ['bold', style], told)
  const about = plainLines(
    different.map(group => `\n\n${groupText(group, telling(showing))}`).join(''),
  )
  return `${plain(run)}  ${plain(workflow)}  ${status}  ${title}${about}`
}
