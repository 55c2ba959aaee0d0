import type { Argument, Command, Option } from 'commander'

/** Numbers from 0 up to below `n`. */
export type Dice = (n: number) => number

/** A generator of its own, so that a seed tells the input. Mulberry32. */
export function diceOf(seed: number): Dice {
  let state = seed | 0
  return n => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * n)
  }
}

const oneOf = <Item>(items: readonly Item[], dice: Dice): Item => items[dice(items.length)] as Item

/** What values are taken from, beside what is known to be one. */
export interface Words {
  readonly runs: readonly string[]
  readonly places: readonly string[]
}

const ODD = [
  ...[
    '',
    ' ',
    '-',
    '--',
    '---',
    '-1',
    '0',
    '1',
    '2.5',
    '1e9',
    '99999999999999999999',
    'NaN',
    '0x10',
  ],
  ...['null', 'true', '{}', '[]', '{"a":1}', '"', "'", '\\', '*', '**', '?', '%s', '$HOME', '`x`'],
  ...[
    'é',
    '日本',
    '👩‍👩‍👧',
    '\u202e',
    '\u0000',
    '\u001b[31m',
    '\n',
    '\ud800',
    'a\tb',
    '__proto__',
    'constructor',
  ],
  ...[
    '@last',
    '@failed',
    '@nobody',
    '@last:greeting',
    '@:',
    'a:b',
    '1h30m',
    '24h',
    '-5m',
    '2026-01-31',
  ],
  ...[
    '2026-99-99',
    'failed',
    'failed,completed',
    'x'.repeat(5_000),
    '.',
    '..',
    'toString',
    'id,status',
  ],
]

/** Arguments that fit the grammar of a command mostly, and not quite. */
export function commandLineOf(commands: readonly Command[], words: Words, dice: Dice): string[] {
  const command = oneOf(commands, dice)
  const args = [dice(20) === 0 ? mutated(command.name(), dice) : command.name()]
  for (const argument of command.registeredArguments) {
    if (argument.required || dice(2) === 0) args.push(...argumentOf(argument, words, dice))
  }
  for (let count = dice(5); count > 0; count--) {
    args.splice(dice(args.length + 1), 0, ...optionOf(oneOf(command.options, dice), words, dice))
  }
  if (dice(3) > 0) args.push('-d', oneOf(words.places, dice))
  if (dice(10) === 0) args.splice(dice(args.length + 1), 0, oneOf(ODD, dice))
  if (dice(10) === 0) args.splice(dice(args.length), 1)
  return args
}

function argumentOf(argument: Argument, words: Words, dice: Dice): string[] {
  const { argChoices, variadic } = argument
  const count = variadic ? dice(3) + 1 : 1
  return Array.from({ length: count }, () => someValue(argument.name(), argChoices, words, dice))
}

function optionOf(option: Option, words: Words, dice: Dice): string[] {
  const { long, short, required, optional, argChoices, flags } = option
  const flag = (dice(4) === 0 ? short : long) ?? long ?? short ?? ''
  const spelled = dice(20) === 0 ? mutated(flag, dice) : flag
  // Would wait for what does not come.
  if (/follow|interval/.test(flag)) return []
  if (!required && !optional) return [spelled]
  const value = someValue(flags, argChoices, words, dice)
  return dice(3) === 0 ? [`${spelled}=${value}`] : [spelled, value]
}

function someValue(
  name: string,
  choices: readonly string[] | undefined,
  words: Words,
  dice: Dice,
): string {
  if (dice(4) === 0) return oneOf(ODD, dice)
  if (choices !== undefined) return oneOf(choices, dice)
  if (/run|^a$|^b$|id/.test(name)) return oneOf(words.runs, dice)
  if (/dir|file|path/.test(name)) return oneOf(words.places, dice)
  return dice(2) === 0 ? oneOf(ODD, dice) : String(dice(100))
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
