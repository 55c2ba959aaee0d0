import { homedir } from 'node:os'
import type { Context } from './context.ts'
import { clockCheck } from './doctor/clock.ts'
import { installationChecks } from './doctor/installation.ts'
import { journalChecks } from './doctor/journal.ts'
import { type Exit, exit } from './exit.ts'
import { type Looks, paint, type Style } from './looks.ts'
import { plain } from './plain.ts'
import type { Check, DoctorRecord } from './records/doctor.ts'
import { wrapped } from './wrap.ts'

export interface DoctorOptions {
  readonly report?: true
}

/** `perdure doctor` */
export async function doctor(context: Context, options: DoctorOptions): Promise<Exit> {
  const { io, globals, output } = context
  const checks = [
    ...(await installationChecks(io.cwd)),
    clockCheck(io.now(), performance.timeOrigin),
    ...(await journalChecks(globals, io)),
  ]
  const told = options.report ? checks.map(anonymous) : checks
  const record: DoctorRecord = { v: 1, kind: 'doctor', status: worst(told), checks: told }
  await output.one(record, () => (options.report ? report(told) : lines(told, output.looks)))
  return record.status === 'failed' ? exit.failed : exit.ok
}

function worst(checks: readonly Check[]): Check['status'] {
  const found = (status: Check['status']): boolean => checks.some(check => check.status === status)
  return found('failed') ? 'failed' : found('warning') ? 'warning' : 'ok'
}

const MARKS: { readonly [Status in Check['status']]: readonly [string, string, Style] } = {
  ok: ['✓', 'v', 'green'],
  warning: ['!', '!', 'yellow'],
  failed: ['✗', 'X', 'red'],
}

function lines(checks: readonly Check[], looks: Looks): string {
  return checks
    .flatMap(({ name, status, what, fix }) => {
      const [mark, ascii, style] = MARKS[status]
      const told = wrapped(`${name}: ${plain(what)}`, looks.columns - 2, { rest: '  ' })
      const does = fix === undefined ? [] : wrapped(plain(fix), looks.columns - 2)
      return [
        `${paint(looks, style, looks.ascii ? ascii : mark)} ${told[0]}`,
        ...told.slice(1).map(line => `  ${line}`),
        ...does.map(line => `  ${paint(looks, 'dim', line)}`),
      ]
    })
    .map(line => `${line}\n`)
    .join('')
}

const report = (checks: readonly Check[]): string =>
  checks.map(({ name, status, what }) => `${status.padEnd(7)}  ${name}: ${plain(what)}\n`).join('')

function anonymous({ what, fix, ...check }: Check): Check {
  const hidden = (text: string): string => text.replaceAll(homedir(), '~')
  return { ...check, what: hidden(what), ...(fix !== undefined && { fix: hidden(fix) }) }
}
