import type { Command, Entry, Record } from '../../journal/entry.ts'
import { type Divergence, describeCommand } from '../run/divergence.ts'
import { isEnded } from '../run/ended-as.ts'
import { isAsked } from '../run/script.ts'

/** What to do about a divergence. `records` are those of the run. */
export function divergenceHint(divergence: Divergence, records: readonly Record[]): string {
  const { recorded, asked, entry } = divergence
  const line = lineAt(records, entry)
  if (line !== undefined && isEnded(line)) return ofEnd(divergence)
  const called = idIn(asked)
  const fix = called === undefined ? ofNoCall(divergence) : ofCall(divergence, called, records)
  const seen = recorded === 'nothing more' ? 'The run waits here' : undefined
  return `${seen === undefined ? fix : `${seen}, ${fix}`} ${OTHERWISE}`
}

const OTHERWISE =
  'Or give the changed workflow another id, and keep this one until its last run has ended.'

function ofEnd({ recorded, asked }: Divergence): string {
  const does = idIn(asked) === undefined ? actOf(asked) : 'goes on'
  return (
    `The run had ended here (${recorded}), the code ${does}. ` +
    'It concerns no run that has ended, but runs that are under way will do as the code does.'
  )
}

function ofNoCall({ recorded, asked, after }: Divergence): string {
  if (recorded === 'nothing more') return `and the code ${actOf(asked)}. Let it wait as before.`
  if (asked.startsWith('threw')) {
    return `The code throws on what is recorded, where it asked for ${recorded}. Let it take old data too.`
  }
  return (
    `The code ${actOf(asked)} where the run asked for ${recorded}: the call was taken out, or comes ` +
    `later. Call it again ${behind(after)}.`
  )
}

function ofCall(
  { recorded, asked, entry, after }: Divergence,
  called: string,
  records: readonly Record[],
): string {
  if (recorded === 'nothing more') {
    return `and has not asked for ${asked}. Call that behind what it waits for.`
  }
  const expected = idIn(recorded)
  if (expected === called) {
    return (
      `${called} was a ${kindIn(recorded)} and is a ${kindIn(asked)} now. ` +
      `Keep the ${kindIn(recorded)}, and give what is new an id of its own behind all that is recorded.`
    )
  }
  const later = commandsFrom(records, entry).find(each => describeCommand(each.command) === asked)
  if (later !== undefined) {
    return (
      `${asked} is recorded later, as entry ${later.seq}: calls changed places, or ${recorded} was ` +
      `taken out. Call ${recorded} again ${behind(after)}.`
    )
  }
  if (isRepeat(called, records)) {
    return (
      'The record has no further call of this name: a loop goes round once more, or a call was put ' +
      `in. Call ${recorded} first, ${behind(after)}.`
    )
  }
  return (
    `The record knows no ${called}. If it is ${expected} by a new name, give it back its id; ` +
    'if it is new, call it behind all that runs have recorded.'
  )
}

const behind = (after: Divergence['after']): string =>
  after === undefined ? 'at the beginning' : `behind ${after.asked}`

function actOf(asked: string): string {
  if (asked === 'nothing') return 'waits for something else'
  if (asked === 'returned') return 'returns'
  if (asked === 'continued') return 'continues as a new run'
  return 'throws'
}

const kinds: { readonly [type: string]: string } = {
  'step.scheduled': 'step',
  'timer.set': 'sleep',
  'wait.set': 'wait',
  'child.started': 'child',
  'event.sent': 'sending of events',
}

const CALL = /^(step\.scheduled|timer\.set|wait\.set|child\.started|event\.sent) (".*")$/

const idIn = (described: string): string | undefined => CALL.exec(described)?.[2]
const kindIn = (described: string): string => kinds[CALL.exec(described)?.[1] ?? ''] ?? described

/** Whether it is a further call under an id that the record has. */
function isRepeat(called: string, records: readonly Record[]): boolean {
  const first = called.replace(/:\d+"$/, '"')
  if (first === called) return false
  return commandsFrom(records, 0).some(({ command }) => idIn(describeCommand(command)) === first)
}

interface Placed {
  readonly seq: number
  readonly command: Command
}

const commandsFrom = (records: readonly Record[], from: number): Placed[] =>
  records.flatMap(({ seq, entries }) =>
    entries.flatMap((entry, at): Placed[] =>
      seq + at >= from && isAsked(entry) ? [{ seq: seq + at, command: entry }] : [],
    ),
  )

function lineAt(records: readonly Record[], seq: number): Entry | undefined {
  const record = records.find(each => seq < each.seq + each.entries.length)
  return record?.entries[seq - record.seq]
}
