import { isFinal, type RunStatus } from '../../journal/lifecycle.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { type Looks, paint } from './looks.ts'
import { plain } from './plain.ts'
import type { ReasonRecord, WhyRecord } from './records/why.ts'
import { runNamed } from './run-ref.ts'
import { statusLook } from './status.ts'
import { momentIn } from './times.ts'
import { jsonText } from './value-text.ts'
import { whyRecordOf } from './why-record.ts'
import { wrapped } from './wrap.ts'

/** `perdure why` */
export function why(context: Context, ref: string): Promise<Exit> {
  return context.journal(async ({ source }) => {
    const { run } = await runNamed(ref, source)
    const [told, about] = await Promise.all([source.why(run), source.about()])
    const record = whyRecordOf(told, about, context.secrets)
    await context.output.one(record, () => textOf(record, context))
    return exit.ok
  })
}

function textOf(record: WhyRecord, { io, output }: Context): string {
  const { looks } = output
  const status = record.status as RunStatus
  const { mark, style } = statusLook(status, looks)
  const title = [
    paint(looks, 'bold', plain(record.run)),
    plain(record.workflow),
    paint(looks, style, `${mark} ${status}`),
  ]
  const when: When = iso => momentIn(Date.parse(iso), io.now(), looks)
  const lines =
    record.waitsFor.length === 0
      ? [isFinal(status) ? 'It has ended.' : 'It waits for nothing: its code runs.']
      : record.waitsFor.flatMap(reason => sentences(reason, record.run, when))
  return `${title.join('  ')}\n${lines.map(line => paragraph(line, looks)).join('')}`
}

/** What is listed hangs below its dash. */
const paragraph = (line: string, { columns }: Looks): string =>
  wrapped(plain(line), columns, { first: '  ', rest: line.startsWith('- ') ? '      ' : '    ' })
    .map(each => `${each}\n`)
    .join('')

type When = (iso: string) => string

function sentences(reason: ReasonRecord, run: string, when: When): string[] {
  switch (reason.kind) {
    case 'skipped': {
      const by = reason.by === undefined ? '' : `, for the sake of ${reason.by}`
      return [`It never began: ${reason.reason}${by}.`]
    }
    case 'parked':
      return [`It is parked with ${reason.code}. Once that is mended: perdure retry ${run}`]
    case 'paused':
      return [`It is paused. To go on: perdure resume ${run}`]
    case 'turn':
      return [
        `It waits for its turn to begin: ${aheadText(reason.ahead)}.`,
        ...limitText(reason, when),
      ]
    case 'gather':
      return [
        `It gathers events (${reason.gather}), ${reason.count} so far, and begins ${when(reason.due)}.`,
      ]
    case 'step': {
      const which = attemptText(reason)
      if (reason.executes) return [`Step ${which} executes.`]
      return [`Step ${which} waits for a place to execute.`, ...limitText(reason, when)]
    }
    case 'timer':
      return [`${timerText(reason)} ${when(reason.due)}.`]
    case 'event': {
      const until = reason.due === undefined ? '' : `, and gives up ${when(reason.due)}`
      const near = reason.near.flatMap(missed => nearText(missed, when))
      return [`${reason.id} waits for ${reason.events.join(' or ')}${until}.`, ...near]
    }
    case 'child':
      return [`${reason.id} waits for the run ${reason.child}: perdure why ${reason.child}`]
    default:
      return reason satisfies never
  }
}

const aheadText = (ahead: number): string =>
  ahead === 0
    ? 'it is the next'
    : ahead === 1
      ? '1 run is ahead of it'
      : `${ahead} runs are ahead of it`

const attemptText = ({ id, attempt }: { readonly id: string; readonly attempt: number }): string =>
  attempt === 0 ? id : `${id} (attempt ${attempt})`

function timerText({ id, of }: Extract<ReasonRecord, { kind: 'timer' }>): string {
  switch (of) {
    case 'sleep':
      return `${id} sleeps, and wakes`
    case 'step-backoff':
      return `Step ${id} failed, and is tried again`
    case 'code-backoff':
      return 'Its code failed, and is tried again'
    case 'start':
      return 'It begins'
    default:
      return of satisfies never
  }
}

type Limited = Extract<ReasonRecord, { kind: 'turn' | 'step' }>

const LIMITS: { readonly [Kind in NonNullable<Limited['limit']>['kind']]: string } = {
  run: 'The concurrency of runs',
  step: 'The concurrency of steps',
  throttle: 'The throttle',
  singleton: 'The singleton',
  pause: 'A pause',
  engine: 'The concurrency of the engine',
  'unknown-workflow': 'The engine does not know the workflow: that',
}

function limitText({ limit }: Limited, when: When): string[] {
  if (limit === undefined) return []
  const { kind, of, key, value, most, holders, until } = limit
  const whose = of === '*' ? '' : of === '' ? '' : ` of ${of}`
  const which = key === undefined ? '' : ` for ${key} = ${value ?? ''}`
  const many = most === undefined ? '' : `, ${most} at most`
  const lines = [`${LIMITS[kind]}${whose}${which}${many === '' ? '' : `${many},`} is in the way.`]
  if (until !== undefined) lines.push(`There is room ${when(until)}.`)
  if (holders.length === 0) return lines
  const shown = holders.slice(0, HOLDERS)
  const more = holders.length - shown.length
  return [...lines, `Held by ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`]
}

const HOLDERS = 5

type Near = Extract<ReasonRecord, { kind: 'event' }>['near'][number]

function nearText({ event, id, ts, differs }: Near, when: When): string[] {
  const what = differs.map(differenceText)
  const told = what.length === 0 ? 'its condition does not hold' : what.join('; ')
  return [`- ${event} ${id} came ${when(ts)} and did not fit: ${told}`]
}

/** What was wrong with a value of an event. */
export function differenceText({ path, is = '', wanted, got }: Near['differs'][number]): string {
  const value = `${path} is ${jsonText(got, SHORT)}`
  if (is === 'fits') return value
  const to = jsonText(wanted, SHORT)
  if (is === '!=') return `${value}, which was not to be`
  if (is.startsWith('not ')) return `${value}, which was ${is.replace('not ', 'not to be ')} ${to}`
  return `${value}, not ${is === '' ? '' : `${is} `}${to}`
}

const SHORT = 60
