import { setImmediate as immediate } from 'node:timers/promises'
import fc from 'fast-check'
import { workflow } from 'perdure'
import { afterEach, expect, test } from 'vitest'
import { openHead } from '../../journal/head-reader.ts'
import { keys } from '../../journal/keys.ts'
import { testFile } from '../../src/cli/as-vitest/test-file.ts'
import { type Rows, RunView, runsOn } from '../../src/testing/run-view.ts'
import type { Stage } from '../laws/calls.ts'
import { carryOut } from '../laws/driver.ts'
import { interpret } from '../laws/interpreter.ts'
import { type Plan, plansOf } from '../laws/plan.ts'
import type { Program } from '../laws/program.ts'
import { watchScopes } from '../laws/scopes.ts'
import { played } from './played.ts'

const RUNS = 40

const scopes = watchScopes()
afterEach(() => scopes.disable())

/** Where no body is ever called, since what steps came to is told. */
const stage: Stage = {
  born: () => 1,
  saw: () => {},
  foreign: () => immediate(),
  body() {
    throw new Error('a body is called')
  },
  asks: () => {},
  heard: () => {},
  workflow() {
    throw new Error('these programs call no others')
  },
}

/** What is left out depends on how often the process died. */
const playable = (plan: Plan): Plan => ({
  ...plan,
  programs: plan.programs.map(({ parts, continues }) => ({
    parts: parts.filter(({ kind }) => kind !== 'dies'),
    continues,
  })),
})

async function play(rows: Rows, run: string, programs: readonly Program[]): Promise<void> {
  const key = rows.has(keys.active(run)) ? keys.active(run) : keys.ended(run)
  const head = openHead(key, rows.get(key)!)
  const source = testFile(head, new RunView(rows, run).records())
  const program = programs[Number(head.workflow.slice(1))]!
  const flow = workflow(
    { id: head.workflow, retries: 3, backoff: ['3s'] },
    interpret(program, stage),
  )
  try {
    await played(source, [flow])
  } catch (error) {
    throw new Error(`${source}\n${String(error)}`)
  }
}

test('whatever a run went through, its test holds', { timeout: 120_000 }, async () => {
  let count = 0
  const property = fc.asyncProperty(plansOf('runs').map(playable), async plan => {
    const { disk } = await carryOut(plan)
    for (const run of runsOn(disk.rows)) {
      await play(disk.rows, run, plan.programs)
      count++
    }
    scopes.disable()
  })
  await fc.assert(property, { numRuns: RUNS, seed: 1 })
  expect(count).toBeGreaterThan(RUNS)
})
