import type { StoredHeld, StoredLimit, StoredQueued } from '../../journal/admission.ts'
import type { InboxInput } from '../../journal/event-reader.ts'
import type { Admission } from '../admission/admission.ts'
import type { Passage } from '../admission/passage.ts'

/** Who waits in a lane, in sum. */
interface Lane {
  readonly passage: Passage
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
  readonly #going = new Map<string, Passage>()
  /** Singletons for whose new run the one before makes room. */
  readonly #heirs: Pick<StoredQueued, 'run' | 'place' | 'holds'>[] = []

  input({ run, input }: InboxInput): void {
    if (input.type === 'run.started') this.#letIn.add(run)
  }

  queued({ lane, run, place, workflow, limits, holds, bytes }: StoredQueued): void {
    if (holds.some(isSingle)) this.#heirs.push({ run, place, holds })
    if (this.#letIn.has(run)) {
      this.#going.set(run, { workflow, lane, limits, holds })
      return
    }
    const known = this.#lanes.get(lane)
    if (known === undefined) {
      this.#lanes.set(lane, { passage: { workflow, lane, limits, holds }, runs: 1, bytes })
    } else {
      known.runs++
      known.bytes += bytes
    }
  }

  held(held: StoredHeld): void {
    this.#held.push(held)
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
    for (const [run, passage] of this.#going) lobby.recallGoing(run, passage)
    // The last to come takes the place of those before, whatever its rank.
    for (const { run, holds } of this.#heirs.sort((a, b) => a.place - b.place)) {
      admission.inherit(run, holds)
    }
    for (const { passage, runs, bytes } of this.#lanes.values()) {
      lobby.recall(passage, { runs, bytes })
    }
  }
}

/** Whether the run that gathers takes nothing more. */
const isOver = ({ input }: InboxInput): boolean =>
  input.type === 'run.cancel_requested' || (input.type === 'run.joined' && input.full === true)

const isSingle = (id: string): boolean => id.startsWith('["singleton"')
