import * as z from 'zod'
import { encodeValue } from '../../journal/codec/encode.ts'
import { methods } from '../../src/control/methods.ts'
import type { Method } from '../../src/control/protocol.ts'
import { bytesOf, type Dice, oneOf } from './dice.ts'
import { mutated, ODD, oddJson, offBy } from './odd.ts'

const NAMES = Object.keys(methods) as Method[]

/** A line that an owner of a journal is sent at some place: what it may be asked mostly, and not quite. */
export function messageOf(place: number, words: readonly string[], dice: Dice): string {
  // Of what was said before it, or one of its own.
  const id = dice(12) === 0 ? dice(place + 1) : dice(200) === 0 ? oddJson(dice) : place
  switch (dice(20)) {
    case 0:
      return JSON.stringify({ id: dice(place + 1), stop: dice(20) > 0 ? true : oddJson(dice) })
    case 1:
      return JSON.stringify({
        id: dice(place + 1),
        more: dice(20) > 0 ? 1 + dice(5) : oddJson(dice),
      })
    case 2:
      return dice(6) > 0 ? askOf(oneOf(ODD, dice), {}, id) : JSON.stringify(oddJson(dice))
    default: {
      const name = oneOf(NAMES, dice)
      const params = valueFor(methods[name], words, dice)
      const line = askOf(name, dice(4) === 0 ? offBy(params, dice) : params, id)
      return dice(80) === 0 ? mutated(line, dice) : line
    }
  }
}

const askOf = (ask: string, params: unknown, id: unknown): string =>
  JSON.stringify({ id, ask, with: params })

/** Something that fits a schema, or nearly so. */
function valueFor(schema: z.core.$ZodType, words: readonly string[], dice: Dice): unknown {
  const text = (): string => (dice(3) === 0 ? oneOf(ODD, dice) : oneOf(words, dice))
  if (schema instanceof z.ZodObject) {
    const facts = Object.entries(schema.shape as { [name: string]: z.core.$ZodType })
    const given = facts.filter(([, fact]) => !isOptional(fact) || dice(2) === 0)
    return Object.fromEntries(given.map(([name, fact]) => [name, valueFor(fact, words, dice)]))
  }
  if (schema instanceof z.ZodExactOptional) return valueFor(schema.unwrap(), words, dice)
  if (schema instanceof z.ZodArray) {
    return Array.from({ length: dice(4) }, () => valueFor(schema.element, words, dice))
  }
  if (schema instanceof z.ZodEnum) return oneOf(schema.options, dice)
  if (schema instanceof z.ZodBoolean) return dice(2) === 0
  if (schema instanceof z.ZodNumber) {
    return dice(2) === 0 ? dice(20) : oneOf([0, 1_000, 1e9, 1.9e12, 2.5, 2 ** 53, 8.64e15], dice)
  }
  return schema instanceof z.ZodString ? text() : { $b: bytesFor(text, dice).toString('base64') }
}

const isOptional = (schema: z.core.$ZodType): boolean => schema instanceof z.ZodExactOptional

function bytesFor(text: () => string, dice: Dice): Buffer {
  if (dice(10) === 0) return bytesOf(dice, 100)
  const data = oneOf([undefined, null, 1, text(), { user: dice(4), name: text() }, [text()]], dice)
  const bytes = Buffer.from(encodeValue(data))
  if (dice(4) === 0 && bytes.length > 0) bytes[dice(bytes.length)] = dice(256)
  return bytes
}
