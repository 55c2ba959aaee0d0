import { type Dice, oneOf } from './dice.ts'

/** Texts that somebody who parses them may not have thought of. */
export const ODD = [
  ...['', ' ', '-', '--', '---', '-1', '0', '1', '2.5', '1e9', '99999999999999999999', 'NaN'],
  ...['0x10', 'null', 'true', '{}', '[]', '{"a":1}', '"', "'", '\\', '*', '**', '?', '%s', '$HOME'],
  ...['`x`', 'é', '日本', '👩‍👩‍👧', '\u202e', '\u0000', '\u001b[31m', '\n', '\ud800', 'a\tb'],
  ...['__proto__', 'constructor', 'toString', '@last', '@failed', '@nobody', '@last:greeting'],
  ...['@:', 'a:b', '1h30m', '24h', '-5m', '2026-01-31', '2026-99-99', 'failed', 'failed,completed'],
  ...['x'.repeat(5_000), '.', '..', 'id,status', '{"$":["date","x"]}', '{"$":["map",1]}'],
]

/** Values of JSON in the place of which something else was meant. */
const ODD_JSON: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 0.5, 1e300, -1e300, 2 ** 31, 2 ** 53, 8.64e15, 8.65e15],
  ...[[], {}, [[]], [null], { a: 1 }, { $: 'NaN' }, { $: ['date', 'x'] }, { $: ['ref', 9] }],
  ...[{ $b: '' }, { $b: 'AAAA' }, { $b: 1 }, { length: 1e9 }, JSON.parse('{"__proto__":{"a":1}}')],
]

export const oddJson = (dice: Dice): unknown => {
  if (dice(3) === 0) return oneOf(ODD, dice)
  return dice(20) === 0 ? nested(dice(60)) : oneOf(ODD_JSON, dice)
}

function nested(deep: number): unknown {
  let value: unknown = 1
  for (let at = 0; at < deep; at++) value = at % 2 === 0 ? [value] : { a: value }
  return value
}

/** A text with some of it cut out, doubled, or other than it was. */
export function mutated(text: string, dice: Dice): string {
  const at = dice(text.length + 1)
  const end = Math.min(text.length, at + dice(1 + Math.min(40, text.length)))
  switch (dice(5)) {
    case 0:
      return text.slice(0, at) + text.slice(end)
    case 1:
      return text.slice(0, end) + text.slice(at)
    case 2:
      return text.slice(0, at)
    case 3:
      return text.slice(0, at) + oneOf(ODD, dice) + text.slice(end)
    default:
      return text.slice(0, at) + String.fromCharCode(dice(256)) + text.slice(at + 1)
  }
}

/** A value of JSON in which one part, however deep, is gone, odd, or a little off. */
export function offBy(value: unknown, dice: Dice): unknown {
  if (Array.isArray(value) && value.length > 0 && dice(6) > 0) {
    const at = dice(value.length)
    if (dice(6) === 0) return value.toSpliced(at, dice(2), ...(dice(2) === 0 ? [value[at]] : []))
    return value.with(at, offBy(value[at], dice))
  }
  if (typeof value === 'object' && value !== null && dice(8) > 0) {
    const facts = Object.entries(value)
    const [name = '', fact] = facts[dice(facts.length)] ?? []
    const others = facts.filter(([other]) => other !== name)
    if (dice(10) === 0) return Object.fromEntries(others)
    if (dice(10) === 0) return Object.fromEntries([...facts, [oneOf(ODD, dice), oddJson(dice)]])
    return Object.fromEntries(facts.map(([n, f]) => [n, n === name ? offBy(fact, dice) : f]))
  }
  if (typeof value === 'number' && dice(2) === 0)
    return value + oneOf([-1, 1, 1e6, -1e6, 0.5], dice)
  return typeof value === 'string' && dice(2) === 0 ? mutated(value, dice) : oddJson(dice)
}
