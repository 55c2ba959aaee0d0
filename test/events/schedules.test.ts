import { type CronOptions, cron, type ScheduleInfo, type WorkflowContext, workflow } from 'perdure'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { Journal } from '../../journal/journal.ts'
import { readTip } from '../../journal/read-tip.ts'
import { openSchedule, putSchedule } from '../../journal/schedule.ts'
import { verify } from '../../journal/verify.ts'
import type { Overlap } from '../../src/define/cron.ts'
import type { WriteFault } from '../../src/testing/disk.ts'
import { World } from '../simulation/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const T0 = Date.UTC(2026, 0, 1)

/** A workflow with a schedule, that tells of its runs and takes a while. */
const report = (
  told: unknown[],
  options: CronOptions & { every?: string; takes?: number } = {},
) => {
  const { every = '@hourly', takes = 0, ...rest } = options
  return workflow({ id: 'report', triggers: cron(every, rest) }, async ({ event, step }) => {
    await step.run('tell', () => void told.push(event))
    if (takes > 0) await step.sleep(takes)
  })
}

interface Seen {
  readonly id: string
  readonly status: string
  readonly createdAt: number
}

async function runsOf(world: World): Promise<Seen[]> {
  const runs: Seen[] = []
  for await (const { id, status, createdAt } of world.engine.runs()) {
    runs.push({ id, status, createdAt })
  }
  return runs.sort((a, b) => (a.id < b.id ? -1 : 1))
}

async function schedulesOf(world: World): Promise<ScheduleInfo[]> {
  const all: ScheduleInfo[] = []
  for await (const each of world.engine.schedules.list()) all.push(each)
  return all
}

/** `03` for `report/0@20260101T030000Z`, for each run. */
const hours = (runs: readonly Seen[]): string =>
  runs.map(({ id }) => /T(\d\d)/.exec(id)?.[1]).join(' ')

async function mustBeWhole(world: World): Promise<void> {
  const findings: string[] = []
  for await (const { place, what } of verify(world.disk.open())) findings.push(`${place}: ${what}`)
  expect(findings).toEqual([])
}

describe('a schedule', () => {
  test('starts a run on time in its zone, with what was given', async () => {
    const told: unknown[] = []
    const options = { every: '0 9 * * *', tz: 'Europe/Paris', data: { list: 'eu' } }
    const world = new World({ workflows: [report(told, options)] })
    await world.open()
    await world.advance(8 * HOUR - 1)
    expect(told).toEqual([])
    await world.advance(1)
    const id = 'report/0@20260101T080000Z'
    const at = new Date('2026-01-01T09:00:00+01:00')
    const facts = { schedule: 'report/0', cron: '0 9 * * *', tz: 'Europe/Paris', at }
    expect(told).toEqual([
      { name: 'perdure/cron', id, ts: at.getTime(), data: { ...facts, data: { list: 'eu' } } },
    ])
    expect(await runsOf(world)).toEqual([{ id, status: 'completed', createdAt: at.getTime() }])
    await world.engine.close()
    await mustBeWhole(world)
  })

  test('ticks on, and every run is one of its own', async () => {
    const told: unknown[] = []
    const world = new World({ workflows: [report(told, { every: '*/10 * * * *' })] })
    await world.open()
    await world.advance(HOUR)
    expect((await runsOf(world)).map(({ createdAt }) => (createdAt - T0) / MINUTE)).toEqual([
      10, 20, 30, 40, 50, 60,
    ])
    expect(told).toHaveLength(6)
  })

  test('has runs that can be told from others by name, however long its id', async () => {
    const id = 'x'.repeat(127)
    const schedules = ['a', 'b'].map(last => cron('@hourly', { id: `${id}${last}` }))
    const world = new World({
      workflows: [workflow({ id: 'long', triggers: schedules }, async () => {})],
    })
    await world.open()
    await world.advance(2 * HOUR)
    const runs = await runsOf(world)
    expect(new Set(runs.map(run => run.id)).size).toBe(4)
    for (const run of runs) expect(run.id).toMatch(/^[\w.:@/-]{1,128}$/)
  })

  test('whose data cannot be stored is refused when the engine is opened', async () => {
    const world = new World({ workflows: [report([], { data: () => {} })] })
    await expect(world.open()).rejects.toThrow(
      expect.objectContaining({ code: 'VALUE_UNSTORABLE' }),
    )
  })

  test('of one id must be one', async () => {
    const code = async () => {}
    const world = new World({
      workflows: [
        workflow({ id: 'a', triggers: cron('@daily', { id: 'same' }) }, code),
        workflow({ id: 'b', triggers: cron('@daily', { id: 'same' }) }, code),
      ],
    })
    await expect(world.open()).rejects.toThrow(
      expect.objectContaining({ code: 'SCHEDULE_CONFLICT' }),
    )
  })

  test.each([
    ['skip', ''],
    ['last', '05'],
    ['all', '01 02 03 04 05'],
  ] as const)('that missed ticks makes up for them: %s', async (missed, made) => {
    const world = new World({ workflows: [report([], { missed })] })
    await world.open()
    await world.settle()
    world.crash()
    world.clock.pass(5.5 * HOUR)
    await world.open()
    await world.settle()
    expect(hours(await runsOf(world))).toBe(made)
    await world.advance(HOUR)
    expect(hours(await runsOf(world))).toBe(`${made} 06`.trim())
    expect(world.logged.some(({ message }) => message.includes('start nothing'))).toBe(
      missed !== 'all',
    )
  })

  test('makes up for more than a page of ticks, each once', async () => {
    const world = new World({
      workflows: [report([], { every: '*/5 * * * *', missed: 'all' })],
      limits: { waitingInputs: 20 },
    })
    await world.open()
    await world.settle()
    world.crash()
    world.clock.pass(24 * HOUR)
    await world.open()
    await world.advance(MINUTE)
    expect(await runsOf(world)).toHaveLength(288)
  })

  test.each<[Overlap, string, string]>([
    ['skip', '01 04 07', '01 04'],
    ['buffer-one', '01 03 06', '01 03'],
    ['buffer-all', '01 02 03', '01 02'],
    ['cancel-other', '01 02 03 04 05 06 07 08', ''],
    ['allow-all', '01 02 03 04 05 06 07 08', '01 02 03 04 05'],
  ])('whose run is still active: %s', async (overlap, begun, completed) => {
    const world = new World({ workflows: [report([], { overlap, takes: 2.5 * HOUR })] })
    await world.open()
    // Openings in between change nothing.
    for (const span of [2.2, 1.1, 3.2, 1.7]) {
      await world.advance(span * HOUR)
      await world.restart()
    }
    await world.settle()
    const runs = await runsOf(world)
    expect(hours(runs)).toBe(begun)
    expect(hours(runs.filter(({ status }) => status === 'completed'))).toBe(completed)
    await world.engine.close()
    await mustBeWhole(world)
  })

  test('counts the successor of a run as its own', async () => {
    const subject = workflow(
      { id: 'report', triggers: cron('@hourly', { overlap: 'skip' }) },
      async ({ event, step }) => {
        await step.sleep('40m')
        const left = event.name === 'perdure/cron' ? 2 : Number(event.data)
        if (left > 0) await step.continueAsNew(left - 1)
      },
    )
    const world = new World({ workflows: [subject] })
    await world.open()
    await world.advance(2.5 * HOUR)
    expect(hours(await runsOf(world)).trim()).toBe('01')
    expect((await schedulesOf(world))[0]?.active).toHaveLength(1)
    await world.restart()
    await world.advance(1.5 * HOUR)
    expect(hours(await runsOf(world)).trim()).toBe('01 04')
  })

  test('has the same jitter after a crash', async () => {
    const times = async (restartsAt: number): Promise<number[]> => {
      const world = new World({ workflows: [report([], { jitter: '50m', missed: 'all' })] })
      await world.open()
      await world.advance(restartsAt)
      await world.restart()
      await world.advance(4 * HOUR - restartsAt)
      return (await runsOf(world)).map(({ createdAt }) => createdAt - T0)
    }
    const [first = [], ...others] = await Promise.all([0, 61 * MINUTE, 2.4 * HOUR].map(times))
    expect(first).toHaveLength(3)
    expect(new Set(first.map(at => at % HOUR)).size).toBe(3)
    for (const other of others) expect(other).toEqual(first)
  })

  test('that was changed begins anew, and one that is gone is forgotten', async () => {
    const world = new World({ workflows: [report([], { missed: 'all' })] })
    await world.open()
    await world.advance(1.5 * HOUR)
    const reopen = async (subject: ReturnType<typeof report>): Promise<string> => {
      world.crash()
      world.clock.pass(3 * HOUR)
      await world.open({ workflows: [subject] })
      await world.settle()
      return hours(await runsOf(world))
    }
    const other = workflow({ id: 'other' }, async () => {})
    expect(await reopen(report([], { missed: 'all', every: '30 * * * *' }))).toBe('01')
    expect(await reopen(other as never)).toBe('01')
    expect(await schedulesOf(world)).toEqual([])
    // The workflow was away, not its trigger.
    expect(await reopen(report([], { missed: 'all', every: '30 * * * *' }))).toBe(
      '01 05 06 07 08 09 10',
    )
    expect(await reopen(workflow({ id: 'report' }, async () => {}) as never)).toBe(
      '01 05 06 07 08 09 10',
    )
    expect([...world.disk.rows.keys()].filter(key => key.startsWith('s!'))).toEqual([])
    expect(await reopen(report([], { missed: 'all' }))).toBe('01 05 06 07 08 09 10')
    await world.engine.close()
    await mustBeWhole(world)
  })

  test('follows a wall clock that is set', async () => {
    const world = new World({ workflows: [report([], { missed: 'all' })] })
    await world.open()
    await world.advance(1.5 * HOUR)
    world.clock.jump(2 * HOUR)
    await world.advance(MINUTE)
    expect(hours(await runsOf(world))).toBe('01 02 03')
    world.clock.jump(-3 * HOUR)
    await world.advance(3 * HOUR)
    expect(hours(await runsOf(world))).toBe('01 02 03')
    await world.restart()
    await world.advance(HOUR)
    expect(hours(await runsOf(world))).toBe('01 02 03 04')
  })

  test('does not start what there is: a clock that was put back meets its ticks again', async () => {
    const world = new World({ workflows: [report([])] })
    await world.open()
    await world.advance(2.5 * HOUR)
    world.crash()
    world.clock.jump(-2 * HOUR)
    await world.open({ workflows: [report([], { every: '0 * * * *' })] })
    await world.advance(3 * HOUR)
    expect(hours(await runsOf(world))).toBe('01 02 03')
    await world.engine.close()
    await mustBeWhole(world)
  })

  test('and a call that starts its run are one run', async () => {
    const told: unknown[] = []
    const subject = report(told)
    const world = new World({ workflows: [subject] })
    await world.open()
    await world.advance(HOUR - 1)
    const id = 'report/0@20260101T010000Z'
    // All alarms that are due ring: that of the schedules is one of them.
    for (const ms of [1, 0, 0, 0]) world.clock.pass(ms)
    const starting = world.engine.start(subject, undefined, { id }).catch(error => error.code)
    await world.settle()
    expect(await starting).toBe('RUN_CONFLICT')
    expect(told).toHaveLength(1)
    await world.advance(MINUTE)
    await world.engine.close()
    await mustBeWhole(world)
  })

  test('whose row was lost, or is an older one, is noticed', async () => {
    const world = new World({ workflows: [report([])] })
    await world.open()
    await world.settle()
    const older = world.disk.rows.get('s!report/0') ?? new Uint8Array()
    await world.advance(HOUR)
    await world.engine.close()
    const newer = world.disk.rows.get('s!report/0') ?? new Uint8Array()
    expect(newer).not.toEqual(older)
    const findings = async (): Promise<string[]> => {
      const found: string[] = []
      for await (const { what } of verify(world.disk.open())) found.push(what)
      return found
    }
    for (const damage of [
      () => world.disk.rows.delete('s!report/0'),
      () => world.disk.rows.set('s!report/0', older),
    ]) {
      damage()
      await expect(world.open()).rejects.toThrow(
        expect.objectContaining({ code: 'JOURNAL_CORRUPT' }),
      )
      expect(await findings()).toEqual([expect.stringContaining('it states 1 schedules')])
    }
    world.disk.rows.set('s!report/0', newer)
    expect(await findings()).toEqual([])
    await world.open()
  })
})

describe('a crash', () => {
  const EXPECTED = Array.from({ length: 4 }, (_, at) => T0 + (at + 1) * 10 * MINUTE)

  /** Everything there was after a crash at a write; how many writes there were without one. */
  async function trial(overlap: Overlap, at: number, fault: WriteFault): Promise<number> {
    const told: { ts: number }[] = []
    const options = { every: '*/10 * * * *', missed: 'all', overlap, takes: 12 * MINUTE } as const
    const world = new World({ workflows: [report(told, options)] })
    await world.open()
    await world.settle()
    const before = world.disk.writes
    world.disk.fault = () => (world.disk.writes === before + at ? fault : undefined)
    let crashed = false
    world.disk.onCrash = () => {
      crashed = true
    }
    for (let left = 40; left > 0; left -= 5) {
      await world.advance(5 * MINUTE)
      if (!crashed) continue
      crashed = false
      await world.restart()
      crashed = false
    }
    const written = world.disk.writes - before
    await world.advance(30 * MINUTE)
    await world.engine.close()
    world.disk.onCrash = () => {}
    const runs = [...world.disk.rows.keys()].filter(key => /^e!.*@.*!0{10}$/.test(key))
    const nominal = runs
      .map(key => /T(\d\d)(\d\d)/.exec(key))
      .map(m => T0 + Number(m?.[1]) * HOUR + Number(m?.[2]) * MINUTE)
    expect(new Set(nominal).size, `write ${at}`).toBe(nominal.length)
    for (const tick of EXPECTED) expect(nominal, `write ${at}, ${fault}`).toContain(tick)
    // Each was told of at least once, but for those that have only begun.
    expect(new Set(told.map(({ ts }) => ts)).size).toBeGreaterThanOrEqual(EXPECTED.length)
    await mustBeWhole(world)
    return written
  }

  test.each(['crash-before', 'crash-after'] as const)(
    'at any write neither loses a tick nor starts one twice: %s',
    async fault => {
      const writes = await trial('buffer-all', -1, fault)
      expect(writes).toBeGreaterThan(10)
      for (let at = 0; at < writes; at++) await trial('buffer-all', at, fault)
    },
    120_000,
  )
})

describe('a schedule made at run time', () => {
  const schema = z.object({ list: z.string().transform(list => list.toUpperCase()) })
  const digest = (told: unknown[]) =>
    workflow({ id: 'digest', schema }, async ({ event }: WorkflowContext<{ list: string }>) => {
      told.push(event)
    })

  test('starts runs as start does, also after the next opening', async () => {
    const told: unknown[] = []
    const subject = digest(told)
    const world = new World({ workflows: [subject] })
    await world.open()
    const wanted = { id: 'eu', cron: '@hourly', workflow: subject, data: { list: 'eu' } }
    await world.engine.schedules.create(wanted)
    await world.engine.schedules.create(wanted)
    await world.restart()
    await world.engine.schedules.create(wanted)
    await world.advance(HOUR)
    const id = 'eu@20260101T010000Z'
    expect(told).toEqual([
      { name: 'perdure/run.scheduled', id, ts: T0 + HOUR, data: { list: 'EU' } },
    ])
    expect(await schedulesOf(world)).toEqual([
      {
        id: 'eu',
        workflow: 'digest',
        cron: '@hourly',
        tz: 'UTC',
        missed: 'last',
        overlap: 'allow-all',
        jitter: 0,
        source: 'runtime',
        status: 'ticking',
        next: T0 + 2 * HOUR,
        active: [],
        buffered: 0,
      },
    ])
  })

  test('is changed, paused, resumed and removed', async () => {
    const told: { ts: number; data: unknown }[] = []
    const subject = digest(told)
    const world = new World({ workflows: [subject] })
    const { schedules } = await world.open()
    await schedules.create({
      ...{ id: 'eu', cron: '@hourly', workflow: subject, missed: 'all' },
      data: { list: 'eu' },
    })
    await world.advance(HOUR)
    await schedules.update('eu', { cron: '30 * * * *', data: { list: 'us' } })
    await world.advance(HOUR)
    expect(told.map(({ ts, data }) => [ts - T0, data])).toEqual([
      [HOUR, { list: 'EU' }],
      [1.5 * HOUR, { list: 'US' }],
    ])
    await schedules.pause('eu')
    await world.restart()
    await world.advance(2 * HOUR)
    expect(told).toHaveLength(2)
    expect(await schedulesOf(world)).toMatchObject([{ status: 'paused' }])
    await world.engine.schedules.resume('eu')
    await world.advance(HOUR)
    expect(told.map(({ ts }) => ts - T0)).toEqual([HOUR, 1.5 * HOUR, 4.5 * HOUR])
    await world.engine.schedules.delete('eu')
    await world.advance(2 * HOUR)
    await world.restart()
    await world.advance(2 * HOUR)
    expect(told).toHaveLength(3)
    expect(await schedulesOf(world)).toEqual([])
    await world.engine.close()
    await mustBeWhole(world)
  })

  test('goes on with what it was to buffer', async () => {
    const slow = workflow({ id: 'slow' }, async ({ step }: WorkflowContext<undefined>) =>
      step.sleep('90m'),
    )
    const world = new World({ workflows: [slow] })
    const { schedules } = await world.open()
    await schedules.create({ id: 's', cron: '@hourly', workflow: slow, overlap: 'buffer-all' })
    await world.advance(2.2 * HOUR)
    expect(await schedulesOf(world)).toMatchObject([
      { active: ['s@20260101T010000Z'], buffered: 1 },
    ])
    await schedules.update('s', { overlap: 'skip' })
    await world.advance(2.5 * HOUR)
    expect(hours(await runsOf(world))).toBe('01 03')
  })

  test('waits for its workflow', async () => {
    const told: unknown[] = []
    const subject = digest(told)
    const world = new World({ workflows: [subject] })
    const { schedules } = await world.open()
    const data = { list: 'eu' }
    await schedules.create({ id: 'eu', cron: '@hourly', workflow: subject, data, missed: 'all' })
    await world.restart({ workflows: [] })
    await world.advance(2.5 * HOUR)
    expect(world.logged).toContainEqual({
      level: 'warn',
      facts: { schedule: 'eu', workflow: 'digest' },
      message: 'a schedule waits: the engine does not know its workflow',
    })
    expect(await schedulesOf(world)).toMatchObject([{ id: 'eu', status: 'waiting' }])
    await world.restart({ workflows: [subject] })
    await world.settle()
    expect(told).toHaveLength(2)
  })

  test('waits where its zone is not known, and keeps no other from ticking', async () => {
    const told: { ts: number }[] = []
    const subject = digest(told)
    const world = new World({ workflows: [subject] })
    const { schedules } = await world.open()
    const data = { list: 'eu' }
    await schedules.create({ id: 'eu', cron: '@hourly', workflow: subject, data })
    await schedules.create({ id: 'us', cron: '@hourly', workflow: subject, data })
    await world.engine.close()
    const { body, check } = openSchedule('s!eu', world.disk.rows.get('s!eu') ?? new Uint8Array())
    if (body.own === undefined) throw new Error('it was made at run time')
    const tip = await readTip(world.disk.open())
    if (tip === undefined) throw new Error('there is no commit')
    const journal = new Journal(world.disk.open(), tip, {})
    const own = { ...body.own, tz: 'Europe/Atlantis' }
    await journal.change(group => void putSchedule(group, 'eu', { ...body, own }, check))
    await journal.close()
    await world.open()
    await world.advance(HOUR)
    expect(told).toHaveLength(1)
    expect((await schedulesOf(world)).map(({ id, status }) => [id, status])).toEqual([
      ['eu', 'waiting'],
      ['us', 'ticking'],
    ])
    await world.engine.schedules.update('eu', { tz: 'Europe/Athens' })
    await world.advance(HOUR)
    expect(told).toHaveLength(3)
  })

  test('is refused where it cannot be', async () => {
    const subject = digest([])
    const world = new World({ workflows: [subject, report([])] })
    const { schedules } = await world.open()
    const other = workflow({ id: 'other' }, async () => {})
    const data = { list: 'eu' }
    const good = { id: 'eu', cron: '@hourly', workflow: subject, data }
    await schedules.create(good)
    const refused = async (asked: Promise<void>): Promise<unknown> =>
      asked.then(
        () => 'nothing',
        error => error.code,
      )
    expect(await refused(schedules.create({ ...good, cron: '@daily' }))).toBe('SCHEDULE_CONFLICT')
    expect(await refused(schedules.create({ ...good, id: 'report/0' }))).toBe('SCHEDULE_CONFLICT')
    expect(await refused(schedules.create({ ...good, id: 'a:b' }))).toBe('DEFINITION_INVALID')
    expect(await refused(schedules.create({ ...good, id: undefined as never }))).toBe(
      'DEFINITION_INVALID',
    )
    expect(await refused(schedules.create({ ...good, id: 'x', cron: '* * *' }))).toBe(
      'DEFINITION_INVALID',
    )
    expect(await refused(schedules.create({ ...good, id: 'x', data: {} as never }))).toBe(
      'DATA_INVALID',
    )
    expect(await refused(schedules.create({ id: 'x', cron: '@daily', workflow: other }))).toBe(
      'WORKFLOW_UNKNOWN',
    )
    expect(await refused(schedules.update('nobody', {}))).toBe('SCHEDULE_NOT_FOUND')
    expect(await refused(schedules.delete('report/0'))).toBe('SCHEDULE_CONFLICT')
    expect(await refused(schedules.update('report/0', { cron: '@daily' }))).toBe(
      'SCHEDULE_CONFLICT',
    )
    expect((await schedulesOf(world)).map(({ id }) => id)).toEqual(['eu', 'report/0'])
    await world.engine.close()
    expect(await refused(schedules.delete('eu'))).toBe('ENGINE_CLOSED')
  })
})
