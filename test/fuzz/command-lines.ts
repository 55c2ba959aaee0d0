import type { Argument, Command, Option } from 'commander'
import { type Dice, oneOf } from './dice.ts'
import { mutated, ODD } from './odd.ts'

/** What values are taken from, beside what is known to be one. */
export interface Words {
  readonly runs: readonly string[]
  readonly places: readonly string[]
  /** A module with workflows. */
  readonly code: string
}

/** Arguments that fit the grammar of a command mostly, and not quite. */
export function commandLineOf(commands: readonly Command[], words: Words, dice: Dice): string[] {
  const command = oneOf(commands, dice)
  const args = [dice(50) === 0 ? mutated(command.name(), dice) : command.name()]
  for (const argument of command.registeredArguments) {
    if (argument.required || dice(2) === 0) args.push(...argumentOf(argument, words, dice))
  }
  for (let count = dice(5); count > 0; count--) {
    args.splice(dice(args.length + 1), 0, ...optionOf(oneOf(command.options, dice), words, dice))
  }
  for (const option of command.options) {
    if (option.mandatory && dice(8) > 0) args.push(...optionOf(option, words, dice))
  }
  if (dice(8) > 0) args.push('-d', oneOf(words.places, dice))
  if (dice(30) === 0) args.splice(dice(args.length + 1), 0, oneOf(ODD, dice))
  if (dice(30) === 0) args.splice(dice(args.length), 1)
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
  const spelled = dice(50) === 0 ? mutated(flag, dice) : flag
  if (!required && !optional) return [spelled]
  const value = someValue(flags, argChoices, words, dice)
  return dice(3) === 0 && flag === long ? [`${spelled}=${value}`] : [spelled, value]
}

function someValue(
  name: string,
  choices: readonly string[] | undefined,
  words: Words,
  dice: Dice,
): string {
  if (dice(12) === 0) return oneOf(ODD, dice)
  if (choices !== undefined) return oneOf(choices, dice)
  if (/run|^a$|^b$|\bid\b/.test(name)) return oneOf(words.runs, dice)
  if (/--code/.test(name)) return dice(3) === 0 ? oneOf(words.places, dice) : words.code
  if (/dir|file|path/.test(name)) return oneOf(words.places, dice)
  const known = KNOWN.find(([kind]) => kind.test(name))?.[1]
  if (known !== undefined && dice(6) > 0) return oneOf(known, dice)
  return dice(2) === 0 ? oneOf(ODD, dice) : String(dice(100))
}

/** What fits, by what it is a value of. */
const KNOWN: readonly (readonly [RegExp, readonly string[]])[] = [
  [/width/, ['40', '60', '80', '1000']],
  [/timeout/, ['5ms', '1ms', '0', '20ms']],
  [/status/, ['failed', 'running', 'failed,completed', 'parked']],
  [/since|until|--at |older/, ['24h', '1m', '2030-01-01', '2031-02-03T04:05:06Z', '5000d', '0s']],
  [/fields/, ['id,status', 'run,at', 'status', 'kind,v', 'run']],
  [/workflow/, ['greeting', 'nap', '*', 'p*', 'listening', 'stuck']],
  [/step|from/, ['charge', 'compose', 'short', 'answer', 'charge:1']],
  [/type/, ['run.*', 'step.failed', '*', 'timer.set,timer.fired']],
  [/after|cursor/, ['0', '3', '3.0', '3.0.1', '99999']],
  [/event/, ['app/answered', 'app/ended', 'app/none']],
  [/data/, ['{"user": 1}', 'user:=1', 'name=Ada', '1', 'null', '-', '{"name":"Ada"}']],
  [/code/, ['POISON', 'not-found', 'INTERNAL', 'timeout']],
  [/kind/, ['run', 'entry', 'list', 'error']],
  [/reason/, ['no more', 'x'.repeat(300)]],
]
