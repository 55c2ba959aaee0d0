import { decodeValue } from '../../journal/codec/decode.ts'
import type { StoredEvent } from '../../journal/event.ts'
import type { StoredWait } from '../../journal/event-reader.ts'
import type { Head } from '../../journal/head.ts'
import type { TimerKey } from '../../journal/keys.ts'
import type { StoredRecord } from '../../journal/reader.ts'
import type { Census } from '../inspect/census.ts'
import type { Gist } from '../inspect/gist.ts'
import { withGists } from '../inspect/listed.ts'
import { type PackedPage, unpackedPage } from '../inspect/packed.ts'
import type { ScheduleFacts } from '../inspect/schedule-facts.ts'
import type {
  About,
  CommitQuery,
  Committed,
  EventQuery,
  Listed,
  RunQuery,
  Source,
} from '../inspect/source.ts'
import type { Why } from '../inspect/why.ts'
import type { ControlClient } from './client.ts'
import type { Params } from './protocol.ts'

type Pages<Item> = AsyncGenerator<readonly Item[]>

/** A journal that is read by asking its owner, whose answers are taken for what they say they are. */
export class RemoteSource implements Source {
  readonly #client: ControlClient

  constructor(client: ControlClient) {
    this.#client = client
  }

  about(): Promise<About> {
    return this.#client.ask('about', {}) as Promise<About>
  }

  async secrets(): Promise<readonly string[]> {
    return this.#client.hello.secrets ?? (await this.about()).secrets
  }

  runs(query: RunQuery): Pages<Head> {
    return this.#client.list('runs', asked(query)) as Pages<Head>
  }

  listed(query: RunQuery): Pages<Listed> {
    if (this.#client.hello.lists !== true) {
      return withGists(this.runs(query), runs => this.gists(runs))
    }
    return this.#client.list('runs', { ...asked(query), gists: true }) as Pages<Listed>
  }

  async run(run: string): Promise<Head | undefined> {
    return (await this.#client.ask('run', { run })) as Head | undefined
  }

  gists(runs: readonly string[]): Pages<Gist> {
    return this.#client.list('gists', { runs }) as Pages<Gist>
  }

  records(run: string): Pages<StoredRecord> {
    return this.#client.list('records', { run }) as Pages<StoredRecord>
  }

  async *commits(query: CommitQuery): Pages<Committed> {
    const packed = query.follow === true && this.#client.hello.packs === true && { packed: true }
    const pages = this.#client.list('commits', { ...query, ...packed })
    for await (const page of pages as Pages<Committed | PackedPage>) {
      yield page.flatMap(item => ('packed' in item ? unpackedPage(item) : item))
    }
  }

  timers(): Pages<TimerKey> {
    return this.#client.list('timers', {}) as Pages<TimerKey>
  }

  waits(): Pages<StoredWait> {
    return this.#client.list('waits', {}) as Pages<StoredWait>
  }

  events(query: EventQuery): Pages<StoredEvent> {
    return this.#client.list('events', query) as Pages<StoredEvent>
  }

  async schedules(): Promise<readonly ScheduleFacts[]> {
    return (await this.#client.ask('schedules', {})) as readonly ScheduleFacts[]
  }

  // What events differed in are values of users.
  async why(run: string): Promise<Why> {
    return decodeValue((await this.#client.ask('why', { run })) as Uint8Array) as Why
  }

  async census(): Promise<Census> {
    return (await this.#client.ask('census', {})) as Census
  }
}

const asked = ({ status, ...rest }: RunQuery): Params<'runs'> => ({
  ...rest,
  ...(status !== undefined && { status: [...status] }),
})
