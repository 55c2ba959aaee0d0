import type { Command, Entry, Record } from '../../journal/entry.ts'
import { type Divergence, describeCommand } from '../run/divergence.ts'
import { isEnded } from '../run/ended-as.ts'
import { isAsked } from '../run/script.ts'

const OTHER_ID =
  'give the changed workflow another id and keep this one for the runs that are under way'

/** What to do about a divergence. `records` are those of the run. */
export function divergenceHint(divergence: Divergence, records: readonly Record[]): string {
  const { recorded, asked, after } = divergence
  const called = idIn(asked)
  const line = lineAt(records, divergence.entry)
  if (line !== undefined && isEnded(line)) return ofEnd(recorded, asked, called !== undefined)
  const behind = after === undefined ? 'at the beginning' : `behind ${after.asked}`
  if (called === undefined) return ofNoCall(recorded, asked, behind)
  if (recorded === 'nothing more') {
    return `The run waits here, and has asked for all that it will ask for before it is answered. Let the code call ${asked} behind what it waits for, or ${OTHER_ID}.`
  }
  const expected = idIn(recorded)
  if (expected === called) {
    return `${expected} was a ${kindIn(recorded)} and is a ${kindIn(asked)} now. Give the new call an id of its own, behind all that runs have recorded, and keep ${recorded}; or ${OTHER_ID}.`
  }
  const later = commandsFrom(records, divergence.entry).find(
    ({ command }) => describeCommand(command) === asked,
  )
  if (later !== undefined) {
    return `${asked} is recorded later, as entry ${later.seq}: calls changed places, or ${recorded} was taken out. Bring back the recorded order, with ${recorded} ${behind}; or ${OTHER_ID}.`
  }
  if (isRepeat(called, records)) {
    return `The record has no further call of that name: a loop goes round once more, or a call was put in. Call ${recorded} first, ${behind}; or ${OTHER_ID}.`
  }
  return `The record knows no ${called}. If it is ${expected} with a new name, give it back the id ${expected}; if it is new, call it behind all that runs have recorded; or ${OTHER_ID}.`
}

function ofEnd(recorded: string, asked: string, isCall: boolean): string {
  if (isCall) {
    return `The run had ended here (${recorded}), the code goes on. It concerns no run that has ended; those under way will go on with it.`
  }
  return `The run had ended here (${recorded}), the code ${actOf(asked)}. It concerns no run that has ended; look whether it is meant.`
}

function ofNoCall(recorded: string, asked: string, behind: string): string {
  if (asked.startsWith('threw')) {
    return `The code throws on what this run has recorded, where it asked for ${recorded} before. Let it take the old data as well; or ${OTHER_ID}.`
  }
  if (recorded === 'nothing more') {
    return `The run waits here, and the code ${actOf(asked)}. Let it wait as before; or ${OTHER_ID}.`
  }
  return `The code ${actOf(asked)} where the run asked for ${recorded}: the call was taken out, or comes later than it did. Call it again ${behind}; or ${OTHER_ID}.`
}

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
