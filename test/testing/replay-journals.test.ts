import { readFileSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { event, openEngine, type WorkflowContext, workflow } from 'perdure'
import { dump, openReader } from 'perdure/journal'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { keys } from '../../journal/keys.ts'
import { replayJournals } from '../../src/testing/replay-journals.ts'
import { World } from '../simulation/world.ts'

type Context = WorkflowContext<undefined>
type Code = (context: Context) => Promise<unknown>
type Facts = Readonly<Record<string, unknown>>

const FILE = fileURLToPath(import.meta.url)
const lines = readFileSync(FILE, 'utf8').split('\n')
const at = (remark: string): unknown =>
  expect.stringMatching(
    new RegExp(`^${FILE}:${lines.findIndex(line => line.endsWith(`// ${remark}`)) + 1}:\\d+$`),
  )

const never = (): Promise<never> => new Promise(() => {})
const order = (code: Code) => workflow({ id: 'order', retries: 1, backoff: ['1h'] }, code)

// 0 run.scheduled, 1 run.started, 2 step.scheduled reserve, 3 step.succeeded, 4 timer.set nap
const waiting: Code = async ({ step }) => {
  await step.run('reserve', () => 1)
  await step.sleep('nap', '1h')
  await step.run('charge', () => 2)
}

/** A world in which runs of this code have come to rest. */
async function rested(code: Code, ids: readonly string[] = ['r1']): Promise<World> {
  const world = new World({ workflows: [order(code)], retention: 'forever' })
  await world.open()
  for (const id of ids) await world.engine.start(order(code), undefined, { id })
  await world.settle()
  return world
}

const outcome = async (world: World, code: Code, ended = false) => {
  const report = await replayJournals([order(code)], world.disk, { ended })
  const { live, parked, ended: over, list } = report
  expect(live.runs + parked.runs + over.runs).toBe(1)
  const [different] = list
  return different ?? { verdict: 'same' }
}

describe('a run that is under way', () => {
  test('is the same to the code that made it, and to code that differs behind it', async () => {
    const world = await rested(waiting)
    expect(await outcome(world, waiting)).toEqual({ verdict: 'same' })
    const longer: Code = async ({ step }) => {
      await step.run('reserve', () => 'other')
      await step.sleep('nap', '7d')
      await step.run('charge-card', () => 2)
    }
    expect(await outcome(world, longer)).toEqual({ verdict: 'same' })
  })

  test('diverges where a call has another name', async () => {
    const renamed: Code = async ({ step }) => {
      await step.run('hold', () => 1) // renamed
      await step.sleep('nap', '1h')
    }
    expect(await outcome(await rested(waiting), renamed)).toEqual({
      ...{ run: 'r1', workflow: 'order', status: 'running', verdict: 'diverges', entry: 2 },
      ...{ recorded: 'step.scheduled "reserve"', asked: 'step.scheduled "hold"' },
      ...{ site: at('renamed'), after: undefined },
      hint:
        'The record knows no "hold". If it is "reserve" by a new name, give it back its id; if it ' +
        'is new, call it behind all that runs have recorded. Or give the changed workflow another ' +
        'id, and keep this one until its last run has ended.',
    })
  })

  test.each<[string, Code, object]>([
    [
      'is asked for more before its answers',
      async ({ step }) => {
        await step.run('reserve', () => 1)
        await Promise.all([step.sleep('nap', '1h'), step.run('mail', () => 1)])
      },
      {
        entry: 4,
        recorded: 'nothing more',
        hint: /^The run waits here, and has not asked for step/,
      },
    ],
    [
      'has its calls in another order',
      async ({ step }) => {
        await step.sleep('nap', '1h')
        await step.run('reserve', () => 1)
      },
      { entry: 2, hint: /^timer\.set "nap" is recorded later, as entry 4: .* at the beginning/ },
    ],
    [
      'lost a call',
      async ({ step }) => {
        await step.run('reserve', () => 1)
        await never()
      },
      { entry: 4, asked: 'nothing', hint: /taken out, or comes later. Call it again behind step/ },
    ],
    [
      'returns early',
      async ({ step }) => {
        await step.run('reserve', () => 1)
      },
      { entry: 4, asked: 'returned', hint: /^The code returns where the run asked for timer/ },
    ],
    [
      'throws',
      async ({ step }) => {
        await step.run('reserve', () => 1)
        throw new TypeError('old data')
      },
      { entry: 4, asked: 'threw TypeError: old data', hint: /old data too/ },
    ],
    [
      'makes a step of a sleep',
      async ({ step }) => {
        await step.run('reserve', () => 1)
        await step.run('nap', () => 1)
      },
      { entry: 4, hint: /^"nap" was a sleep and is a step now/ },
    ],
    [
      'goes round once more',
      async ({ step }) => {
        await step.run('reserve', () => 1)
        await step.run('reserve', () => 1)
      },
      { entry: 4, asked: 'step.scheduled "reserve:1"', hint: /a loop goes round once more/ },
    ],
    [
      'ends where it waits',
      async ({ step }) => {
        await step.run('reserve', () => 1)
        await Promise.race([step.sleep('nap', '1h'), Promise.resolve().then(() => {})])
      },
      { entry: 4, recorded: 'nothing more', hint: /^The run waits here, and the code returns/ },
    ],
  ])(
    'diverges where the code %s',
    async (_, changed, { hint, ...difference }: { hint?: RegExp }) => {
      const world = await rested(waiting)
      const found = await outcome(world, changed)
      expect(found).toMatchObject({ verdict: 'diverges', ...difference })
      expect(found).toMatchObject({ hint: expect.stringMatching(hint ?? /./) })
      // An engine says the same.
      await world.restart({ workflows: [order(changed)] })
      await world.engine.pause('r1').catch(() => {})
      await world.settle()
      const parked = await (await world.engine.run('r1')).result().catch((error: unknown) => error)
      const { verdict, run, workflow, status, hint: _hint, ...report } = { ...found } as Facts
      expect(parked).toMatchObject({ facts: { report } })
    },
  )

  test('whose code failed is extended by code that does not fail, unless that leaves something out', async () => {
    const failing: Code = async ({ step }) => {
      await step.run('reserve', () => 1)
      void step.sleep('nap', '1h')
      throw new Error('a mistake')
    }
    const world = await rested(failing)
    expect(await outcome(world, failing)).toEqual({ verdict: 'same' })
    expect(await outcome(world, waiting)).toMatchObject({
      ...{ verdict: 'extends', entry: 5, recorded: 'code.failed', asked: 'nothing' },
    })
    const forgetting: Code = async ({ step }) => {
      await step.run('reserve', () => 1)
    }
    expect(await outcome(world, forgetting)).toMatchObject({ verdict: 'diverges', entry: 4 })
    const other: Code = async ({ step }) => {
      await step.run('reserve', () => 1)
      void step.sleep('nap', '1h')
      await step.run('new', () => 1)
    }
    expect(await outcome(world, other)).toMatchObject({
      ...{ verdict: 'extends', asked: 'step.scheduled "new"' },
    })
  })

  test('is the same while it is paused, not begun, or has answers it was not given', async () => {
    const two: Code = async ({ step }) => {
      await Promise.all([step.sleep('a', '1m'), step.sleep('b', '2h')])
      await step.run('charge', () => 2)
    }
    const world = await rested(two)
    await world.engine.pause('r1')
    await world.advance(300_000)
    expect(await outcome(world, two)).toEqual({ verdict: 'same' })
    const swapped: Code = async ({ step }) => {
      await Promise.all([step.sleep('b', '2h'), step.sleep('a', '1m')])
    }
    expect(await outcome(world, swapped)).toMatchObject({ verdict: 'diverges', entry: 2 })
  })

  test('is the same where its code awaits what the engine does not know', async () => {
    const foreign: Code = async ({ step }) => {
      await step.run('reserve', () => 1)
      await new Promise(resolve => setImmediate(resolve))
      await step.sleep('nap', '1h')
      await new Promise(resolve => setImmediate(resolve))
      await never()
    }
    const world = await rested(foreign)
    expect(await outcome(world, foreign)).toEqual({ verdict: 'same' })
    const changed: Code = async ({ step }) => {
      await step.run('reserve', () => 1)
      await new Promise(resolve => setImmediate(resolve))
      await step.sleep('rest', '1h') // woken
    }
    expect(await outcome(world, changed)).toMatchObject({
      ...{ verdict: 'diverges', asked: 'timer.set "rest"', site: at('woken') },
    })
  })

  test('runs no step, no code behind its record and no logger', async () => {
    let bodies = 0
    let passed = 0
    const logged: string[] = []
    const logger = (): void => void logged.push('said')
    const counting: Code = async ({ step, logger }) => {
      logger.info({}, 'begins')
      await step.run('reserve', () => ++bodies)
      await step.sleep('nap', '1h')
      passed++
    }
    const world = await rested(counting)
    const before = { bodies, passed }
    expect(before).toEqual({ bodies: 1, passed: 0 })
    const { writes, rows } = world.disk
    const bytes = new Map(rows)
    const report = await replayJournals([order(counting)], world.disk)
    expect({ report: report.safe, bodies, passed, logged }).toEqual({
      ...{ report: true, bodies: 1, passed: 0, logged: [] },
    })
    expect(world.disk.writes).toBe(writes)
    expect([...world.disk.rows]).toEqual([...bytes])
    await world.advance(3_600_000)
    expect(passed, 'the engine that has the disk goes on').toBe(1)
    void logger
  })
})

describe('a run that has ended', () => {
  const ending: Code = async ({ step }) => {
    await step.run('reserve', () => 1)
    return 'done'
  }

  test('counts only if it is asked for', async () => {
    const world = await rested(ending)
    const report = await replayJournals([order(ending)], world.disk)
    expect([report.live.runs, report.ended.runs]).toEqual([0, 0])
    expect(await outcome(world, ending, true)).toEqual({ verdict: 'same' })
    const otherOutput: Code = async ({ step }) => step.run('reserve', () => 1)
    expect(await outcome(world, otherOutput, true)).toEqual({ verdict: 'same' })
  })

  test('is extended by code that goes on', async () => {
    expect(await outcome(await rested(ending), waiting, true)).toMatchObject({
      ...{ verdict: 'extends', entry: 4, recorded: 'run.completed', asked: 'timer.set "nap"' },
      hint: expect.stringMatching(/^The run had ended here \(run\.completed\), the code goes on/),
    })
  })

  test('diverges where the code ends otherwise, or not at all, or earlier', async () => {
    const world = await rested(ending)
    const throwing: Code = async ({ step }) => {
      await step.run('reserve', () => 1)
      throw new Error('never before')
    }
    expect(await outcome(world, throwing, true)).toMatchObject({
      ...{ verdict: 'diverges', entry: 4, asked: 'threw Error: never before' },
    })
    const resting: Code = async ({ step }) => {
      await step.run('reserve', () => 1)
      await never()
    }
    expect(await outcome(world, resting, true)).toMatchObject({ verdict: 'diverges', entry: 4 })
    expect(await outcome(world, async () => 1, true)).toMatchObject({
      verdict: 'diverges',
      entry: 2,
    })
    const continuing: Code = async ({ step }) => {
      await step.run('reserve', () => 1)
      await step.continueAsNew(undefined)
    }
    expect(await outcome(world, continuing, true)).toMatchObject({ asked: 'continued' })
  })

  test.each<[string, Code, (world: World) => Promise<unknown>, string]>([
    [
      'failed',
      async ({ step }) => {
        await step.run('reserve', () => 1)
        throw new Error('at last')
      },
      world => world.advance(7_200_000),
      'failed',
    ],
    ['was cancelled', waiting, world => world.engine.cancel('r1'), 'cancelled'],
    [
      'was cancelled while its code was not alive',
      async ({ step }) => {
        await step.run('reserve', () => 1)
        throw new Error('once')
      },
      world => world.engine.cancel('r1'),
      'cancelled',
    ],
    [
      'returned what cannot be stored',
      async ({ step }) => {
        await step.run('reserve', () => 1)
        return () => {}
      },
      async () => {},
      'failed',
    ],
    [
      'was cancelled while it was paused',
      waiting,
      async world => {
        await world.engine.pause('r1')
        await world.advance(7_200_000)
        await world.engine.cancel('r1')
      },
      'cancelled',
    ],
  ])('that %s is the same to its own code', async (_, code, end, status) => {
    const world = await rested(code)
    await end(world)
    await world.settle()
    expect(await (await world.engine.run('r1')).status()).toBe(status)
    expect(await outcome(world, code, true)).toEqual({ verdict: 'same' })
  })

  test('before a step of it was done is the same', async () => {
    let finish = (): void => {}
    const racing: Code = async ({ step }) => {
      const slow = step.run('slow', () => new Promise<void>(resolve => (finish = resolve)))
      await Promise.race([slow, step.sleep('nap', '1h')])
    }
    const world = await rested(racing)
    await world.advance(7_200_000)
    finish()
    await world.settle()
    const run = await world.engine.run('r1')
    const types: string[] = []
    for await (const { type } of run.entries()) types.push(type)
    expect(types.slice(-2)).toEqual(['run.completed', 'step.late'])
    expect(await outcome(world, racing, true)).toEqual({ verdict: 'same' })
  })

  test('before its code had begun, or while that was not to be asked, is the same', async () => {
    const later = event('order/placed', z.object({}))
    const planned = workflow({ id: 'order', triggers: later }, async ({ step }) => {
      await step.run('reserve', () => 1)
    })
    const world = new World({ workflows: [planned] })
    await world.open()
    await world.engine.send({ ...later({}), ts: world.clock.wall() + 3_600_000 })
    await world.settle()
    for await (const { id } of world.engine.runs()) await world.engine.cancel(id)
    await world.settle()
    const report = await replayJournals([planned], world.disk, { ended: true })
    expect(report.ended).toMatchObject({ runs: 1, same: 1 })

    const parked = await rested(waiting)
    const other: Code = async ({ step }) => {
      await step.run('hold', () => 1)
    }
    await parked.restart({ workflows: [order(other)], preflight: 'park' })
    await parked.engine.cancel('r1')
    await parked.settle()
    expect(await (await parked.engine.run('r1')).status()).toBe('cancelled')
    expect(await outcome(parked, waiting, true)).toEqual({ verdict: 'same' })
    expect(await outcome(parked, other, true)).toMatchObject({ verdict: 'diverges', entry: 2 })
  })

  test('because it was too long is the same', async () => {
    const endless: Code = async ({ step }) => {
      for (;;) await step.run('again', () => 1)
    }
    const world = new World({ workflows: [order(endless)], limits: { entriesPerRun: 40 } })
    await world.open()
    await world.engine.start(order(endless), undefined, { id: 'r1' })
    await world.settle()
    expect(await (await world.engine.run('r1')).status()).toBe('failed')
    expect(await outcome(world, endless, true)).toEqual({ verdict: 'same' })
  })
})

describe('a run that is parked', () => {
  const changed: Code = async ({ step }) => {
    await step.run('hold', () => 1)
  }

  test('is counted apart, and said to go on where the code fits again', async () => {
    const world = await rested(waiting)
    await world.restart({ workflows: [order(changed)], preflight: 'park' })
    await world.settle()
    const same = await replayJournals([order(waiting)], world.disk)
    expect([same.safe, same.live.runs, same.parked]).toMatchObject([true, 0, { runs: 1, same: 1 }])
    expect(same.text).toBe(
      'safe to deploy for 0 of 0 live runs\n\n' +
        'parked before: 1 of 1 run fit this code; engine.retry(id) lets them go on: r1',
    )
    const still = await replayJournals([order(changed)], world.disk)
    expect([still.safe, still.parked]).toMatchObject([true, { runs: 1, diverges: 1 }])
    expect(still.text).toContain('parked before: 0 of 1 run fit this code')
  })

  test('because it kills the process is not replayed', async () => {
    const run = { kind: 'entry', run: 'r1', at: 1, elapsed: 1 }
    const at = { createdAt: 1, durability: 'os', epoch: 1, commit: 3, at: 1 }
    const header = { kind: 'header', format: 1, journal: 'j', ...at }
    const dump = [
      header,
      { ...run, seq: 0, type: 'run.scheduled', workflow: 'order', data: null, seed: 's' },
      { ...run, seq: 1, type: 'run.started' },
      { ...run, seq: 2, type: 'run.parked', code: 'POISON', report: { deaths: 2 } },
      { kind: 'trailer', runs: 1, entries: 3 },
    ]
    const root = await mkdtemp(join(tmpdir(), 'perdure-poison-'))
    try {
      const file = join(root, 'dump.ndjson')
      await writeFile(file, dump.map(line => JSON.stringify(line)).join('\n'))
      let begun = 0
      const deadly: Code = async () => ++begun
      const report = await replayJournals([order(deadly)], file)
      expect(report).toMatchObject({ safe: true, parked: { runs: 1, unchecked: 1 } })
      expect(begun).toBe(0)
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  })
})

describe('a run that cannot be replayed', () => {
  test('of an unknown workflow is not safe, unless it is nobody’s concern', async () => {
    const world = await rested(waiting)
    const other = workflow({ id: 'other' }, async () => {})
    const report = await replayJournals([other], world.disk)
    expect(report).toMatchObject({ safe: false, fitting: 0, live: { runs: 1, unknown: 1 } })
    expect(report.text).toContain('order: 1 run of an unknown workflow')
    const ignored = await replayJournals([other], world.disk, { unknown: 'ignore' })
    expect(ignored).toMatchObject({ safe: true, fitting: 1 })
  })

  test('as it is damaged does not keep the others from it', async () => {
    const world = await rested(waiting, ['r1', 'r2', 'r3'])
    const rows = new Map(world.disk.rows)
    const [key] = [...rows.keys()].filter(key => key.startsWith(keys.record('r2', 0).slice(0, -8)))
    if (key === undefined) throw new Error('no record')
    rows.set(
      key,
      rows.get(key)?.map((byte, at) => (at === 20 ? byte ^ 1 : byte)) ?? new Uint8Array(),
    )
    rows.set(keys.active('r3'), new Uint8Array(9))
    const report = await replayJournals([order(waiting)], { rows })
    expect(report).toMatchObject({ safe: false, live: { runs: 3, same: 1, damaged: 2 } })
    expect(report.list.map(({ run }) => run)).toEqual(['r2', 'r3'])
    expect(report.text).toContain('unreadable: 1 run cannot be replayed (damaged)')
  })
})

describe('the report', () => {
  test('tells like runs once, with how many and three ids', async () => {
    const ids = Array.from({ length: 203 }, (_, at) => `run${String(at).padStart(4, '0')}`)
    const world = await rested(waiting, ids)
    const other: Code = async ({ step }) => {
      await step.run('reserve', () => 1) // told: before
      await step.run('new', () => 1) // told: here
    }
    const report = await replayJournals([order(other)], world.disk)
    expect(report.groups).toMatchObject([{ stage: 'live', count: 203, runs: ids.slice(0, 100) }])
    const site = (remark: string) =>
      `test/testing/replay-journals.test.ts:${lines.findIndex(line => line.endsWith(`// ${remark}`)) + 1}`
    expect(report.text.replaceAll(/:\d+$/gm, '')).toBe(
      [
        'safe to deploy for 0 of 203 live runs',
        '',
        'order: 203 runs diverge',
        '  recorded  timer.set "nap" (entry 4 of run0000)',
        `  asked     step.scheduled "new"  ${site('told: here')}`,
        `  after     step.scheduled "reserve"  ${site('told: before')}`,
        '  fix       The record knows no "new". If it is "nap" by a new name, give it back its id; if it is',
        '            new, call it behind all that runs have recorded. Or give the changed workflow another',
        '            id, and keep this one until its last run has ended.',
        '  runs      run0000, run0001, run0002 and 200 more',
      ].join('\n'),
    )
    expect(() => report.assertSafe()).toThrow(
      expect.objectContaining({
        code: 'NON_DETERMINISTIC',
        message: report.text,
        facts: { live: 203, fitting: 0 },
      }),
    )
    const fits = await replayJournals([order(waiting)], world.disk)
    fits.assertSafe()
    expect(`${fits}`).toBe('safe to deploy for 203 of 203 live runs')
  }, 30_000)
})

describe('journals on disk', () => {
  let root: string
  let journal: string
  const greet = workflow({ id: 'greet' }, async ({ step }: WorkflowContext<{ when: Date }>) => {
    await step.run('hello', () => new Map([[1, { big: 2n }]]))
    const paid = step.waitForEvent('paid', { event: 'paid', timeout: '1h', match: 'data.when' })
    await paid
  })
  const other = workflow({ id: 'greet' }, async ({ step }: WorkflowContext<{ when: Date }>) => {
    await step.run('hallo', () => 1)
  })

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'perdure-replay-'))
    journal = join(root, 'journal')
    const engine = await openEngine({ path: journal, workflows: [greet], durability: 'os' })
    for (let at = 0; at < 20; at++)
      await engine.start(greet, { when: new Date(at) }, { id: `g${at}` })
    await engine.cancel('g7')
    for (let at = 0; at < 20; at++) {
      const run = await engine.run(`g${at}`)
      const done = async (): Promise<boolean> => {
        for await (const entry of run.entries()) {
          if (entry.type === 'wait.set' || entry.type === 'run.cancelled') return true
        }
        return false
      }
      while (!(await done())) await new Promise(resolve => setImmediate(resolve))
    }
    await engine.close()
  })

  afterAll(() => rm(root, { recursive: true, force: true }))

  const snapshot = async (): Promise<Map<string, string>> => {
    const files = new Map<string, string>()
    for (const name of await readdir(journal)) {
      files.set(name, (await readFile(join(journal, name))).toString('base64'))
    }
    return files
  }

  test('are read in a copy, which is removed', async () => {
    const before = await snapshot()
    const scratch = await mkdtemp(join(root, 'scratch-'))
    const report = await replayJournals([greet], journal, { scratch, ended: true })
    expect(report).toMatchObject({ live: { runs: 19, same: 19 }, ended: { runs: 1, same: 1 } })
    const unsafe = await replayJournals([other], journal, { scratch })
    expect(unsafe).toMatchObject({ safe: false, live: { runs: 19, diverges: 19 } })
    expect(await snapshot()).toEqual(before)
    expect(await readdir(scratch)).toEqual([])
  })

  test('are read beside the engine that has them, and opened', async () => {
    const copy = join(root, 'held')
    await cp(journal, copy, { recursive: true })
    await using engine = await openEngine({ path: copy, workflows: [greet], durability: 'os' })
    expect((await replayJournals([greet], copy)).text).toContain('19 of 19')
    expect(engine.stats().runs).toBe(19)
    const opened = await openReader(journal)
    expect((await replayJournals([other], opened)).text).toContain('0 of 19')
    await opened.close()
  })

  test('are the same as their dumps', async () => {
    const opened = await openReader(journal)
    let text = ''
    for await (const piece of dump(opened)) text += piece
    await opened.close()
    const file = join(root, 'dump.ndjson')
    await writeFile(file, text)
    for (const workflows of [[greet], [other]]) {
      const fromDump = await replayJournals(workflows, file, { ended: true })
      const fromDisk = await replayJournals(workflows, journal, { ended: true })
      expect(fromDump.list).toEqual(fromDisk.list)
      expect(fromDump).toMatchObject({ live: fromDisk.live, ended: fromDisk.ended })
    }
    expect(await replayJournals([greet], file)).toMatchObject({
      live: { same: 19 },
      ended: { runs: 0 },
    })
    await writeFile(file, text.slice(0, text.lastIndexOf('{"kind":"trailer"')))
    await expect(replayJournals([greet], file)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' })
    await writeFile(file, text.replace('"type":"step.scheduled"', '"type":"step.dreamt"'))
    const bent = await replayJournals([greet], file)
    expect(bent.live).toMatchObject({ same: 18, damaged: 1 })
  })

  test('that are none are refused', async () => {
    const file = join(root, 'text')
    await writeFile(file, 'hello')
    for (const place of [file, join(root, 'nowhere'), root]) {
      await expect(replayJournals([greet], place)).rejects.toMatchObject({
        code: 'JOURNAL_UNUSABLE',
      })
    }
  })
})
