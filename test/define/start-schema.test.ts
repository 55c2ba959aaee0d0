import { type as ark } from 'arktype'
import { cron, event, openEngine, workflow } from 'perdure'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

const byZod = event('by/zod', z.object({ zod: z.string().transform(Number) }))
const byValibot = event('by/valibot', v.object({ valibot: v.number() }))
const byArktype = event('by/arktype', ark({ arktype: 'number' }))
const daily = cron('@daily')

describe('what start validates with', () => {
  test('is what one of the triggers takes, if all of them say', async () => {
    const code = async (): Promise<void> => {}
    const own = z.object({ n: z.number() })
    expect(workflow({ id: 'w', triggers: byZod }, code).schema).toBe(byZod.schema)
    expect(workflow({ id: 'w', triggers: byZod, schema: own }, code).schema).toBe(own)
    expect(workflow({ id: 'w', triggers: [byZod, 'app/*'] }, code).schema).toBeUndefined()
    expect(workflow({ id: 'w', triggers: daily }, code).schema).toBeUndefined()
    expect(workflow({ id: 'w' }, code).schema).toBeUndefined()
  })

  test('makes of the data what the first makes of it that takes it', async () => {
    const triggers = [byValibot, byZod, byArktype, daily] as const
    const all = workflow({ id: 'all', triggers }, async ({ event }) => event.data)
    await using engine = await openEngine({ path: ':memory:', workflows: [all] })
    const outputOf = async (...data: Parameters<typeof engine.start<never, unknown>> | unknown[]) =>
      (await engine.start(all, data[0] as never)).result()
    expect(await outputOf({ zod: '7' })).toEqual({ zod: 7 })
    expect(await outputOf({ valibot: 7 })).toEqual({ valibot: 7 })
    expect(await outputOf({ arktype: 7 })).toEqual({ arktype: 7 })
    expect(await outputOf(undefined)).toBeUndefined()
    await expect(outputOf({ zod: 7 })).rejects.toThrow(
      expect.objectContaining({
        code: 'DATA_INVALID',
        message: expect.stringMatching(/valibot.*zod.*arktype.*undefined/s),
      }),
    )
  })
})
