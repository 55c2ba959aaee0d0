import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as door from 'perdure/journal'
import { expect, test } from 'vitest'
import { sampleEngine } from './sample.ts'

test('the door to the journal is small', () => {
  expect(Object.keys(door).sort()).toEqual([
    'JournalError',
    'PerdureError',
    'decodeValue',
    'dump',
    'encodeValue',
    'fromTaggedJson',
    'load',
    'loadInMemory',
    'openJournal',
    'openOn',
    'openReader',
    'salvage',
    'toTaggedJson',
    'verify',
    'verifyDirectory',
  ])
})

test('a journal is read through it beside its engine', async () => {
  const path = await mkdtemp(join(tmpdir(), 'perdure-door-'))
  const { engine } = await sampleEngine({ path })
  const { reader, close } = await door.openReader(path)
  const head = await reader.head('b-payment')
  const outputs: unknown[] = []
  for await (const { entries } of reader.records(head!)) {
    for (const entry of entries) {
      if (entry.type === 'run.completed') outputs.push(door.decodeValue(entry.output))
    }
  }
  expect(outputs).toEqual([{ charged: 12n, at: new Date(Date.UTC(2030, 0, 1)) }])
  await close()
  await engine.close()
  await rm(path, { recursive: true })
})
