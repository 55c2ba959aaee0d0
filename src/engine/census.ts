import type { StoredHeld, StoredLimit, StoredQueued } from '../../journal/admission.ts'
import type { InboxInput } from '../../journal/event-reader.ts'
import type { Head } from '../../journal/head.ts'
import type { Admission } from '../admission/admission.ts'
import { type Crowd, NOBODY } from '../admission/crowds.ts'
import type { Passage } from '../admission/passage.ts'

/** Who is in a lane, in sum, and how much of it counts as waiting. */
interface Lane {
  readonly passage: Passage
  inLane: number
  runs: number
  bytes: number
}

/**
 * What opening a journal comes across of limits: of each lane how many wait, not who. It must be told
 * of the inboxes before anything is recalled: whoever was let in waits no more.
 */
export class Census {
  readonly #lanes = new Map<string, Lane>()
  readonly #held: StoredHeld[] = []
  readonly #limits: StoredLimit[] = []
  /** Runs that were let in and have not begun. */
  readonly #letIn = new Set<string>()
  /** Runs that are parked. */
  readonly #parked = new Set<string>()
  /** Runs that are to be cancelled. */
  readonly #leaving = new Set<string>()
  /** Runs that hold a singleton. */
  readonly #single = new Set<string>()
  /** What those count for who wait and whose place a newer run may take. */
  readonly #replaceable = new Map<string, Crowd>()
  readonly #going = new Map<string, Passage>()
  /** Singletons for whose new run the one before makes room. */
  readonly #heirs: Pick<StoredQueued, 'run' | 'place' | 'holds'>[] = []

  head({ run, status }: Head): void {
    if (status === 'parked') this.#parked.add(run)
  }

  input({ run, input }: InboxInput): void {
    if (input.type === 'run.started') this.#letIn.add(run)
    if (input.type === 'run.cancel_requested') this.#leaving.add(run)
  }

  queued({ lane, run, place, workflow, limits, holds, bytes }: StoredQueued): void {
    const isHeir = holds.some(isSingle)
    if (isHeir) this.#heirs.push({ run, place, holds })
    // One that is parked goes on at once when it is freed: it stands in no line any more.
    if (this.#letIn.has(run) || this.#parked.has(run)) {
      this.#going.set(run, { workflow, lane, limits, holds })
      return
    }
    // Whoever has taken the place of one that is to be cancelled counts for it.
    const counts = this.#leaving.has(run) ? NOBODY : { runs: 1, bytes }
    if (isHeir || counts === NOBODY || this.#single.has(run)) this.#replaceable.set(run, counts)
    const passage = { workflow, lane, limits, holds }
    const known = this.#lanes.get(lane) ?? { passage, inLane: 0, runs: 0, bytes: 0 }
    known.inLane++
    known.runs += counts.runs
    known.bytes += counts.bytes
    this.#lanes.set(lane, known)
  }

  /** Told of all that is held before it is told who waits. */
  held(held: StoredHeld): void {
    this.#held.push(held)
    if (held.kind === 'slot' && held.holds.some(isSingle)) this.#single.add(held.run)
  }

  limit(limit: StoredLimit): void {
    this.#limits.push(limit)
  }

  recall(admission: Admission, inbox: readonly InboxInput[]): void {
    const { marks, lobby, gatherers } = admission
    for (const { id, body, check } of this.#limits) marks.recall(id, body, check)
    const over = new Set(inbox.filter(isOver).map(({ run }) => run))
    const gathering: Extract<StoredHeld, { kind: 'gather' }>[] = []
    for (const held of this.#held) {
      if (held.kind === 'slot') lobby.holders.hold(held.run, held.holds)
      else if (!over.has(held.run)) gathering.push(held)
    }
    // Of one key the last takes more: it came when the time of the one before was over.
    for (const held of gathering.sort((a, b) => a.due - b.due)) {
      gatherers.begin({ ...held, until: held.until })
    }
    for (const { run, input } of inbox) {
      if (input.type === 'run.joined') gatherers.joined(run, input)
    }
    for (const [run, passage] of this.#going) {
      lobby.recallGoing(run, passage)
      if (this.#parked.has(run)) lobby.stepAside(run)
    }
    // The last to come takes the place of those before, whatever its rank.
    for (const { run, holds } of this.#heirs.sort((a, b) => a.place - b.place)) {
      admission.inherit(run, holds)
    }
    for (const { passage, inLane, runs, bytes } of this.#lanes.values()) {
      lobby.recall(passage, inLane, { runs, bytes })
    }
    for (const [run, crowd] of this.#replaceable) lobby.recallReplaceable(run, crowd)
  }
}

/** Whether the run that gathers takes nothing more. */
const isOver = ({ input }: InboxInput): boolean =>
  input.type === 'run.cancel_requested' || (input.type === 'run.joined' && input.full === true)

const isSingle = (id: string): boolean => id.startsWith('["singleton"')
