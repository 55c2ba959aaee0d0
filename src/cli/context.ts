import type { Command } from 'commander'
import type { EngineClient } from '../control/engine-client.ts'
import { noSecrets, Secrets } from '../inspect/secrets.ts'
import type { Source } from '../inspect/source.ts'
import { aside } from './aside.ts'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'
import type { Opened } from './opened.ts'
import { Output } from './output.ts'
import type { OwnEngine } from './own-engine.ts'

/** What a command works with. */
export class Context {
  readonly io: Io
  readonly globals: Globals
  readonly output: Output
  /** All commands, and what they take. */
  readonly commandLine: () => Command
  #secrets: Pick<Secrets, 'mask'>

  constructor(io: Io, globals: Globals, commandLine: () => Command) {
    this.io = io
    this.globals = globals
    this.commandLine = commandLine
    this.output = new Output(io, globals)
    this.#secrets = globals.showSecrets ? noSecrets : new Secrets()
  }

  /** Masks values of users before they are shown: as the journal says, once it is open. */
  get secrets(): Pick<Secrets, 'mask'> {
    return this.#secrets
  }

  /** Opens the journal that the flags name, for as long as the work takes. */
  async journal<Result>(work: (opened: Opened) => Promise<Result>): Promise<Result> {
    const { withJournal } = await import('./opened.ts')
    return withJournal(this.globals, this.io, async opened => {
      await this.#learn(opened.source)
      return work(opened)
    })
  }

  /** The engine that has the journal, or one of its own; throws ENGINE_ABSENT if there is none. */
  async engine<Result>(
    work: (client: EngineClient) => Promise<Result>,
    own?: OwnEngine,
  ): Promise<Result> {
    const { withEngine } = await import('./opened.ts')
    const { globals, io } = this
    const learned = async (client: EngineClient): Promise<Result> => {
      await this.#learn(client)
      return work(client)
    }
    if (own === undefined) return withEngine(globals, io, learned)
    return withEngine(globals, io, learned, async place => {
      const { withOwnEngine } = await import('./own-engine.ts')
      return withOwnEngine({ globals, io, place }, own, learned)
    })
  }

  async #learn(source: Source): Promise<void> {
    if (this.globals.showSecrets) return
    this.#secrets = new Secrets(await source.secrets())
  }

  /** Something beside the data, for people: on stderr, and not with --quiet. */
  async tell(text: string): Promise<void> {
    if (this.globals.quiet !== true) await aside(text.split('\n'), this)
  }
}
