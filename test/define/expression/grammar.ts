/** A number below `count`; 0 leads to the simplest form, so a row of choices shrinks well. */
export type Pick = (count: number) => number

/** Choices out of a list; what is beyond its end is 0. */
export function pickFrom(choices: readonly number[]): Pick {
  let at = 0
  return count => (choices[at++] ?? 0) % count
}

/** A repeatable row of choices without end. */
export function pickBy(seed: number): Pick {
  let state = seed | 0
  return count => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count
  }
}

const oneOf = <T>(pick: Pick, items: readonly T[]): T => items[pick(items.length)] as T

const KEYS = ['a', 'b', 'c', 'list', 'deep', 'gone', 'constructor', '__proto__']
const CONSTANTS = [
  '1',
  '0',
  '"x"',
  '""',
  'true',
  'false',
  'null',
  '-1',
  '1.5',
  '"y"',
  '-0.0',
  '9007199254740993',
  '2u',
  '[1, "x"]',
  '[]',
  '{"a": 1}',
  '"2024-01-02"',
  '"1h"',
  '"[a-x]+"',
  '"2"',
]
const VALUES: readonly unknown[] = [
  1,
  0,
  'x',
  '',
  true,
  false,
  null,
  -1,
  1.5,
  'y',
  -0,
  undefined,
  2,
  2n,
  2n ** 53n + 1n,
  Number.NaN,
  Infinity,
  [1, 'x'],
  [],
  ['x', 'y', null],
  { a: 1 },
  {},
  new Date(1_704_153_600_000),
  new Date(Number.NaN),
  new Map([['a', 1]]),
  new Set([1, 'x']),
  new Uint8Array([1]),
  new Error('no'),
  [[1], [1, 2]],
  '2024-01-02',
  '1h',
  'xx',
]

/** An event whose data is often, but not always, what expressions ask for. */
export function anyEvent(pick: Pick): { data: Record<string, unknown>; name: string; ts: number } {
  const value = (): unknown => oneOf(pick, VALUES)
  const data = {
    a: value(),
    b: value(),
    list: [value(), value(), value()],
    deep: { a: value(), b: { c: value() } },
    ...(pick(2) === 1 && { c: value() }),
  }
  return { data, name: oneOf(pick, ['x', 'y']), ts: 1_704_153_600_000 + pick(3) }
}

/** An expression of the whole grammar; most have a value, some fail. */
export function anyExpression(pick: Pick, variables = ['event', 'async']): string {
  return expression(pick, 4, variables)
}

/** A condition as people write them: comparisons of paths with constants and with the trigger. */
export function anyCondition(pick: Pick): string {
  return condition(pick, 4)
}

function condition(pick: Pick, depth: number): string {
  const left = (): string => condition(pick, depth - 1)
  switch (depth <= 0 ? pick(3) : pick(9)) {
    case 0:
      return `${path(pick, 'async')} == ${oneOf(pick, CONSTANTS)}`
    case 1:
      return `${path(pick, 'async')} == ${path(pick, 'event')}`
    case 2:
      return `${path(pick, 'event')} != ${path(pick, 'async')}`
    case 3:
    case 4:
      return `(${left()} && ${left()})`
    case 5:
    case 6:
      return `(${left()} || ${left()})`
    case 7:
      return `${path(pick, 'async')} in ${oneOf(pick, ['[1, "x", null]', 'event.data.list', '["x", event.data.a]'])}`
    default:
      return pick(2) === 0 ? `!(${left()})` : `(${left()} ? ${left()} : ${left()})`
  }
}

function path(pick: Pick, variable: string): string {
  const key = (): string => oneOf(pick, KEYS)
  switch (pick(5)) {
    case 0:
      return `${variable}.data.${oneOf(pick, ['a', 'b', 'c'])}`
    case 1:
      return `${variable}.data.deep.${key()}`
    case 2:
      return `${variable}.data.list[${pick(4)}]`
    case 3:
      return `${variable}.data["${key()}"]`
    default:
      return oneOf(pick, [
        `${variable}.name`,
        `${variable}.ts`,
        `${variable}.data.deep.b.c`,
        `${variable}.data`,
      ])
  }
}

function expression(pick: Pick, depth: number, variables: readonly string[]): string {
  const part = (): string => expression(pick, depth - 1, variables)
  const bound = `v${variables.length}`
  const body = (): string => expression(pick, depth - 1, [...variables, bound])
  switch (depth <= 0 ? pick(3) : pick(18)) {
    case 0:
      return oneOf(pick, CONSTANTS)
    case 1:
      return path(pick, oneOf(pick, ['async', 'event']))
    case 2:
      return pick(3) === 0
        ? oneOf(pick, ['now()', ...variables])
        : path(pick, oneOf(pick, variables))
    case 3:
    case 4:
    case 5:
      return `(${part()} ${oneOf(pick, ['==', '!=', '<', '<=', '>', '>=', 'in'])} ${part()})`
    case 6:
    case 7:
      return `(${part()} ${oneOf(pick, ['&&', '||'])} ${part()})`
    case 8:
      return `(${part()} ${oneOf(pick, ['+', '+', '-', '*', '/', '%'])} ${part()})`
    case 9:
      return `${oneOf(pick, ['!', '!', '-'])}${part()}`
    case 10:
      return `(${part()} ? ${part()} : ${part()})`
    case 11:
      return `[${part()}, ${part()}]`
    case 12:
      return `{"a": ${part()}, "b": ${part()}}`
    case 13:
      return `(${part()})[${part()}]`
    case 14:
      return `has(${path(pick, oneOf(pick, variables))})`
    case 15:
      return `(${part()}).${oneOf(pick, ['contains', 'startsWith', 'endsWith', 'matches'])}(${part()})`
    case 16:
      return `(${part()}).${oneOf(pick, ['exists', 'all', 'exists_one', 'map', 'filter'])}(${bound}, ${body()})`
    default:
      return `${oneOf(pick, [
        'size',
        'int',
        'uint',
        'double',
        'string',
        'timestamp',
        'duration',
        'lowercase',
        'uppercase',
        'b64decode',
        'json_parse',
        'date',
        'now_plus',
        'now_minus',
      ])}(${part()})`
  }
}

/** The text with a few characters changed, left out, repeated or put in. */
export function mutated(text: string, pick: Pick): string {
  let result = text
  for (let count = 1 + pick(3); count > 0; count--) {
    const at = pick(result.length + 1)
    const piece = oneOf(pick, [
      '',
      '(',
      ')',
      '[',
      ']',
      '"',
      "'",
      '\\',
      '.',
      '!',
      '-',
      '&&',
      '||',
      '?',
      ':',
      '{',
      '}',
      ',',
      '==',
      '\n',
      ' in ',
      'u',
      '0x',
      '1e',
      'b"',
      'r"',
      '//',
      '\u0000',
      '\ud800',
      'é',
      '`',
      '$',
      result.slice(at, at + 20),
    ])
    result = result.slice(0, at) + piece + result.slice(at + pick(3))
  }
  return result
}
