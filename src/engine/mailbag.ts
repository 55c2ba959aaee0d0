import type { Mail } from '../run/run.ts'

/** Mail for runs that are not in memory: what waits in their inboxes on disk. */
export class Mailbag {
  readonly #mails = new Map<string, Mail[]>()

  add(run: string, mail: Mail): void {
    const mails = this.#mails.get(run)
    if (mails === undefined) this.#mails.set(run, [mail])
    else mails.push(mail)
  }

  addAll(run: string, mails: readonly Mail[]): void {
    for (const mail of mails) this.add(run, mail)
  }

  /** Empties a run's share, oldest first. */
  take(run: string): readonly Mail[] {
    const mails = this.#mails.get(run) ?? []
    this.#mails.delete(run)
    return mails
  }

  /** Takes some of a run's share out. */
  drop(run: string, isOut: (mail: Mail) => boolean): readonly Mail[] {
    const mails = this.#mails.get(run) ?? []
    const gone = mails.filter(isOut)
    if (gone.length === mails.length) this.#mails.delete(run)
    else if (gone.length > 0) {
      this.#mails.set(
        run,
        mails.filter(mail => !isOut(mail)),
      )
    }
    return gone
  }

  /** The runs there is mail for. */
  get runs(): Iterable<string> {
    return this.#mails.keys()
  }
}
