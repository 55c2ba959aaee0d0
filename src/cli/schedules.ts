import type { ScheduleFacts } from '../inspect/schedule-facts.ts'
import type { Context } from './context.ts'
import { type Exit, exit } from './exit.ts'
import { paint } from './looks.ts'
import type { Item } from './output.ts'
import { plain } from './plain.ts'
import type { ChangedRecord } from './records/changed.ts'
import type { ScheduleRecord } from './records/schedule.ts'
import type { Cell, Column } from './table.ts'
import { isoText, momentIn } from './times.ts'

const COLUMNS: readonly Column[] = [
  { name: 'SCHEDULE' },
  { name: 'WORKFLOW', gives: 2 },
  { name: 'CRON', gives: 4 },
  { name: 'TZ', gives: 5 },
  { name: 'STATUS' },
  { name: 'NEXT', gives: 1 },
  { name: 'ACTIVE', gives: 3, grows: true },
]

/** `perdure schedules` */
export function schedules(context: Context): Promise<Exit> {
  return context.journal(async ({ source, client }) => {
    const all = await source.schedules()
    const items = all.map((facts): Item => {
      return { record: recordOf(facts), cells: () => cellsOf(facts, context) }
    })
    const count = await context.output.list('schedule', items, COLUMNS)
    const told = count === 1 ? '1 schedule' : `${count} schedules`
    const absent = client === undefined ? ', as they are stored: no engine makes them tick' : ''
    await context.tell(count === 0 ? `There are no schedules${absent}.` : `${told}${absent}`)
    return exit.ok
  })
}

/** `perdure schedules pause`, `perdure schedules resume` */
export function changeSchedules(
  context: Context,
  action: 'pause' | 'resume',
  ids: readonly string[],
): Promise<Exit> {
  return context.engine(async client => {
    for (const id of ids) {
      await (action === 'pause' ? client.pauseSchedule(id) : client.resumeSchedule(id))
    }
    const changed = ids.map(id => ({ id }))
    const record: ChangedRecord = { v: 1, kind: 'changed', changed, skipped: [] }
    const done = action === 'pause' ? 'paused' : 'resumed'
    const { looks } = context.output
    const mark = paint(looks, 'green', looks.ascii ? 'ok' : '✓')
    await context.output.one(record, () => ids.map(id => `${mark} ${plain(id)} ${done}\n`).join(''))
    return exit.ok
  })
}

function recordOf(facts: ScheduleFacts): ScheduleRecord {
  const { id, workflow, source, status, cron, tz, missed, overlap, jitter, next } = facts
  const { handled, active, buffered } = facts
  return {
    ...{ v: 1, kind: 'schedule', id, workflow, source, status },
    ...(cron !== undefined && { cron }),
    ...(tz !== undefined && { tz }),
    ...(missed !== undefined && { missed }),
    ...(overlap !== undefined && { overlap }),
    ...(jitter !== undefined && { jitterMs: jitter }),
    ...(next !== undefined && { next: isoText(next) }),
    ...(handled !== undefined && { handled: isoText(handled) }),
    ...(active !== undefined && { active: [...active] }),
    buffered,
  }
}

function cellsOf(facts: ScheduleFacts, { io, output }: Context): readonly Cell[] {
  const { id, workflow, cron = '-', tz = '-', status, next, active, buffered } = facts
  const when = next === undefined ? '-' : momentIn(next, io.now(), output.looks)
  const waiting = buffered > 0 ? [`${buffered} waiting`] : []
  return [
    { text: id, style: 'bold' },
    { text: workflow },
    { text: cron },
    { text: tz },
    { text: status, style: status === 'paused' ? 'yellow' : 'reset' },
    { text: when },
    { text: [...(active ?? []), ...waiting].join(', ') || '-' },
  ]
}
