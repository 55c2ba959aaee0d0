import { decodeValue } from '../../journal/codec/decode.ts'
import { encodeValue } from '../../journal/codec/encode.ts'
import { called } from '../../journal/error.ts'
import type { RunStatus } from '../../journal/lifecycle.ts'
import type { ControlClient } from './client.ts'
import type { Known } from './protocol.ts'
import { RemoteSource } from './remote-source.ts'

/** An event to be sent, as `engine.send` takes it. */
export interface ClientEvent {
  readonly name: string
  readonly data?: unknown
  readonly id?: string
  readonly ts?: number
  readonly v?: string
}

/**
 * An engine that runs in another process, asked over its socket. Made by `connect`. It throws what
 * the engine throws, as `PerdureError` with the same code.
 */
export class EngineClient extends RemoteSource implements AsyncDisposable {
  readonly #client: ControlClient

  constructor(client: ControlClient) {
    super(client)
    this.#client = client
  }

  /** The process that the engine runs in. */
  get pid(): number {
    return this.#client.hello.pid
  }

  /** The release that the engine is of. */
  get version(): string {
    return this.#client.hello.version
  }

  /** Starts a run of a workflow that the engine knows. Gives its id once it is on disk. */
  async start(workflow: string, data?: unknown, options: { id?: string } = {}): Promise<string> {
    const { id } = options
    const params = { workflow, data: encodeValue(data), ...(id !== undefined && { run: id }) }
    return (await this.#client.ask('start', params)) as string
  }

  /** Sends events. Gives their ids once they are on disk. */
  async send(events: ClientEvent | readonly ClientEvent[]): Promise<{ ids: readonly string[] }> {
    const sent = [events]
      .flat()
      .map(({ data, ...facts }) => ({ ...facts, data: encodeValue(data) }))
    return (await this.#client.ask('send', { events: sent })) as { ids: string[] }
  }

  async signal(
    signal: string,
    data?: unknown,
    { id }: { readonly id?: string } = {},
  ): Promise<void> {
    const given = id === undefined ? {} : { id }
    await this.#client.ask('signal', { signal, data: encodeValue(data), ...given })
  }

  async cancel(run: string, reason = ''): Promise<void> {
    await this.#client.ask('cancel', { run, reason })
  }

  async pause(run: string): Promise<void> {
    await this.#client.ask('pause', { run })
  }

  async resume(run: string): Promise<void> {
    await this.#client.ask('resume', { run })
  }

  /** Tries a parked or failed run again. Gives the id of the run that goes on. */
  async retry(run: string, { from }: { readonly from?: string } = {}): Promise<string> {
    return (await this.#client.ask('retry', from === undefined ? { run } : { run, from })) as string
  }

  /** Waits for the end of a run. Gives its output, or throws its error. */
  async result(run: string): Promise<unknown> {
    return decodeValue((await this.#client.ask('result', { run })) as Uint8Array)
  }

  /**
   * Removes runs that ended longer ago than the engine's `retention` says, or than `olderThan` in ms;
   * with `dryRun` it counts them.
   */
  async gc(
    what: { olderThan?: number; status?: readonly RunStatus[]; dryRun?: boolean } = {},
  ): Promise<{ readonly runs: number; readonly records: number; readonly events: number }> {
    const { status, ...rest } = what
    const params = { ...rest, ...(status !== undefined && { status: [...status] }) }
    return (await this.#client.ask('gc', params)) as {
      runs: number
      records: number
      events: number
    }
  }

  /** Starts nothing from the schedule until it is resumed. */
  async pauseSchedule(schedule: string): Promise<void> {
    await this.#client.ask('pauseSchedule', { schedule })
  }

  async resumeSchedule(schedule: string): Promise<void> {
    await this.#client.ask('resumeSchedule', { schedule })
  }

  /** The workflows that the engine was opened with, and the events that start and cancel their runs. */
  async known(): Promise<Known> {
    return (await this.#client.ask('known', {})) as Known
  }

  /** What `engine.stats()` says. */
  async stats(): Promise<{ readonly [what: string]: number | boolean }> {
    return (await this.#client.ask('stats', {})) as { [what: string]: number | boolean }
  }

  async close(): Promise<void> {
    this.#client.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/**
 * Connects to the engine that has the journal in `directory` open, in whatever process of this user
 * and machine. Gives `undefined` if none has. Throws JOURNAL_BUSY if one has that does not answer, or
 * is of a release that speaks otherwise; JOURNAL_UNUSABLE if there is no such directory.
 *
 * @example
 * await using client = await connect('./data')
 * await client?.send({ name: 'app/user.signup', data: { userId: 'u1' } })
 */
export async function connect(directory: string): Promise<EngineClient | undefined> {
  // Loaded when it is needed: most processes have the engine, and nobody to ask.
  const { dialOwner } = await import('./dial.ts')
  const client = await called(dialOwner(directory))
  return client && new EngineClient(client)
}
