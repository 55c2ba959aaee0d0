import type { JoinedEvent, RunJoined } from '../../journal/admission-entry.ts'
import type { ValueLimits } from '../../journal/codec/limits.ts'
import type { Entry, Input } from '../../journal/entry.ts'
import type { Group } from '../../journal/group.ts'
import { isFinal } from '../../journal/lifecycle.ts'
import { gatherOf } from '../../journal/open-commands.ts'
import type { Change } from '../../journal/pending.ts'
import type { Gatherers } from '../admission/gatherers.ts'
import type { Join } from '../admission/gathering.ts'
import { CancelledError } from '../define/error.ts'
import { startEvent } from '../run/opening.ts'
import { type Mail, Run } from '../run/run.ts'
import { encodeThrown } from '../run/storable-error.ts'
import type { Aftermath } from './aftermath.ts'
import type { Arrival } from './arrival.ts'
import type { Inboxes } from './inboxes.ts'
import { postsOf } from './kinship.ts'
import type { Reception, Reply } from './reception.ts'
import type { Residents } from './residents.ts'
import { type Born, born, type Turn } from './turn.ts'

export interface ArrivalsHost {
  readonly reception: Reception
  readonly gatherers: Gatherers
  readonly inboxes: Inboxes
  readonly residents: Residents
  readonly values: ValueLimits
  /** What a run begins with. */
  entries(arrival: Arrival): readonly Entry[]
  /** What cancels a run from now on that has gathered. `joined`: not noted yet. */
  anew(run: Run, joined: readonly JoinedEvent[]): readonly Entry[]
  listen(run: string, changes: readonly Change[]): void
}

/** Makes runs of what arrives, and lets those begin that have gathered enough, as admission says. */
export class Arrivals {
  readonly #host: ArrivalsHost

  constructor(host: ArrivalsHost) {
    this.#host = host
  }

  /** The run that it becomes; none, if it is a part of another. `heardFrom`: how many events there were. */
  arrive(group: Group, arrival: Arrival, heardFrom: number, after: Aftermath): Born | undefined {
    const reply = this.#host.reception.arrive(group, arrival)
    this.#others(group, reply, arrival, after)
    if (reply.entries === undefined) return undefined
    const { id, workflow, moment, scheduled } = arrival
    const entries = [...this.#host.entries(arrival), ...reply.entries]
    const come = born(new Run(id, workflow), { run: id, seq: 0, ...moment, entries })
    const { run, changes } = come
    group.addRecord(come.record, run.ledger)
    run.heardFrom = heardFrom
    run.stepLimits = reply.stepLimits
    // Its parent is told of one that never begins.
    for (const post of postsOf(run, scheduled, changes, entries, this.#host.values)) {
      this.#host.inboxes.post(group, post, after)
    }
    if (isFinal(run.ledger.status)) return come
    this.#host.residents.add(run)
    this.#host.listen(id, changes)
    return come
  }

  /**
   * Makes the record of the turn of a run that would begin: its time has come, or it has gathered
   * enough. What came for it up to now is in it.
   */
  enter(group: Group, turn: Turn, after: Aftermath): void {
    const { run, moment } = turn
    const input = this.#gathered(group, turn)
    const entries: Entry[] = [input]
    if (input.type !== 'run.joined' || input.full) {
      const joined = input.type === 'run.joined' ? input.events : []
      if (gatherOf(run.ledger) !== undefined) entries.push(...this.#host.anew(run, joined))
      const reply = this.#host.reception.enter(group, run, moment, joined)
      entries.push(...(reply.entries ?? []))
      run.stepLimits = reply.stepLimits
      this.#makeRoom(group, reply.cancel, after)
    }
    turn.record = { run: run.id, seq: run.ledger.seq, ...moment, entries }
    turn.changes = run.note(turn.record)
    turn.posts.push(...postsOf(run, input, turn.changes, entries, this.#host.values))
  }

  /** What was to be gathered by a run that was cancelled comes to nothing; who waits for it is told. */
  close(group: Group, { run, input, mail }: Turn, after: Aftermath): void {
    this.#host.gatherers.end(run.id)
    const gone = run.gathered.splice(0)
    for (const { posted } of gone) if (posted !== undefined) group.take(run.id, posted)
    const events = (input === undefined ? [...gone, mail] : gone).flatMap(eventsOf)
    for (const { parent } of events) {
      if (parent === undefined) continue
      const value = encodeThrown(new CancelledError(run.ledger.cancelled ?? ''), this.#host.values)
      const told = { type: 'child.finished', of: parent.seq, ok: false, value } as const
      this.#host.inboxes.post(group, { run: parent.run, input: told }, after)
    }
  }

  /** What the turn records, with all that has come for the run. */
  #gathered(group: Group, { run, input, moment }: Turn): Input {
    if (input === undefined) throw new Error(`run ${run.id} enters without an input`)
    if (gatherOf(run.ledger) === undefined) return input
    const mails = run.gathered.splice(0)
    for (const { posted } of mails) if (posted !== undefined) group.take(run.id, posted)
    const events = mails.flatMap(eventsOf)
    if (input.type === 'run.joined') return { ...input, events: [...events, ...input.events] }
    const due = this.#host.gatherers.of(run.id)?.due ?? moment.elapsed
    if (due > moment.elapsed) return { type: 'run.joined', events, due }
    return events.length === 0 ? input : { type: 'run.joined', events, full: true }
  }

  #others(group: Group, reply: Reply, arrival: Arrival, after: Aftermath): void {
    const { join, closes, cancel } = reply
    if (join !== undefined) this.#join(group, join, arrival, after)
    if (closes !== undefined) {
      const input = { type: 'run.joined', events: [], full: true } as const
      this.#host.inboxes.post(group, { run: closes, input }, after)
    }
    this.#makeRoom(group, cancel, after)
  }

  #makeRoom(group: Group, runs: readonly string[], after: Aftermath): void {
    const input = { type: 'run.cancel_requested', reason: 'a newer run takes its place' } as const
    for (const run of runs) this.#host.inboxes.post(group, { run, input }, after)
  }

  // Nobody looks at it before the run begins: it just waits.
  #join(group: Group, join: Join, { id, scheduled, moment }: Arrival, after: Aftermath): void {
    const { run, due, full, wins } = join
    const { data, parent } = scheduled
    // A start happens when it comes: which one is the newest must not depend on when that is asked.
    const event = scheduled.event ?? startEvent(id, moment.at)
    const isOut = wins === false && parent === undefined
    if (isOut && !full) return
    const { inboxes } = this.#host
    // Of what only the newest counts of, and nobody waits for, the older goes.
    if (wins) inboxes.withdraw(group, run, isPlain)
    const own = { data, event, ...(parent !== undefined && { parent }) }
    const put = due !== undefined && { due }
    const input: RunJoined = { type: 'run.joined', events: isOut ? [] : [own], ...put }
    if (full) inboxes.post(group, { run, input: { ...input, full } }, after)
    else inboxes.leave(group, { run, input })
  }
}

const eventsOf = ({ input }: Mail): readonly JoinedEvent[] =>
  input.type === 'run.joined' ? input.events : []

/** Whether nobody but the run itself needs to know of it. */
const isPlain = (mail: Mail): boolean =>
  mail.input.type === 'run.joined' && eventsOf(mail).every(({ parent }) => parent === undefined)
