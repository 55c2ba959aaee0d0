import type { PostedInput } from '../../journal/event.ts'
import type { Group } from '../../journal/group.ts'
import type { Gatherers } from '../admission/gatherers.ts'
import type { Listeners } from '../router/listeners.ts'
import type { Mail } from '../run/run.ts'
import type { Aftermath } from './aftermath.ts'
import type { Loop } from './loop.ts'
import type { Mailbag } from './mailbag.ts'
import type { Residents } from './residents.ts'
import type { Post, Turn } from './turn.ts'

export interface InboxesHost {
  readonly loop: Loop
  readonly residents: Residents
  readonly mailbag: Mailbag
  readonly listeners: Listeners
  readonly gatherers: Gatherers
}

/** The inboxes of runs: on disk, and in memory too if the run is there. */
export class Inboxes {
  readonly #host: InboxesHost

  constructor(host: InboxesHost) {
    this.#host = host
  }

  /** Puts an input in, which brings the run into memory. */
  post(group: Group, post: Post, after: Aftermath): void {
    const { run, input, row } = post
    if (row?.type === 'event.delivered') this.#host.listeners.remove(run, row.of)
    // What comes from now on, be it what cancels the run, is not gathered by it.
    if (input.type === 'run.cancel_requested') this.#host.gatherers.end(run)
    const posted = group.post(run, row ?? (input as PostedInput))
    if (!this.#put(run, { input, posted })) after.mailed.push(run)
  }

  /** Puts an input in that may wait until the run is there for another reason. */
  leave(group: Group, { run, input }: Pick<Post, 'run' | 'input'>): void {
    this.#put(run, { input, posted: group.post(run, input as PostedInput) })
  }

  /**
   * Takes out what a turn came as. What was to end a run that had continued as another by then ends
   * that one.
   */
  take(group: Group, { run, input, mail }: Turn, posted: number, after: Aftermath): void {
    group.take(run.id, posted)
    const { continuedAs, skippedFor } = run.ledger
    if (continuedAs === undefined || skippedFor !== undefined || input !== undefined) return
    if (mail.input.type !== 'run.cancel_requested') return
    this.post(group, { run: continuedAs, input: mail.input }, after)
  }

  /** Takes inputs out again that nobody has seen. */
  withdraw(group: Group, run: string, isOut: (mail: Mail) => boolean): void {
    const resident = this.#host.residents.get(run)
    const gone =
      resident === undefined ? this.#host.mailbag.drop(run, isOut) : cut(resident.gathered, isOut)
    for (const { posted } of gone) if (posted !== undefined) group.take(run, posted)
  }

  /** Whether the run is in memory. */
  #put(run: string, mail: Mail): boolean {
    const { residents, loop, mailbag } = this.#host
    const resident = residents.get(run)
    if (resident === undefined) mailbag.add(run, mail)
    else loop.send(resident, mail)
    return resident !== undefined
  }
}

function cut(mails: Mail[], isOut: (mail: Mail) => boolean): readonly Mail[] {
  const gone = mails.filter(isOut)
  mails.splice(0, mails.length, ...mails.filter(mail => !isOut(mail)))
  return gone
}
