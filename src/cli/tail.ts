import { globOf } from '../inspect/run-query.ts'
import type { Source } from '../inspect/source.ts'
import type { Context } from './context.ts'
import { type Cursor, cursorText, parseCursor } from './cursor.ts'
import { entryRecordOf } from './entry-record.ts'
import { type Exit, exit } from './exit.ts'
import { typesOf } from './filters.ts'
import { type End, Followed, isGone, type Part, removedText } from './followed.ts'
import { pauseFor, untilInterrupted } from './interrupt.ts'
import type { Opened } from './opened.ts'
import { Output } from './output.ts'
import type { EntryRecord } from './records/entry.ts'
import { idOf, type Shown, shownOf } from './shown-entry.ts'
import { Subjects } from './subjects.ts'
import { type Told, tailLine } from './tail-line.ts'
import { tookText } from './times.ts'

export interface TailOptions {
  readonly after?: string
  /** `false`: --no-follow. */
  readonly follow?: boolean
  readonly retry?: true
  readonly workflow?: string
  readonly run?: string
  readonly type?: readonly string[]
}

/** `perdure tail` */
export function tail(context: Context, options: TailOptions): Promise<Exit> {
  const after = options.after === undefined ? undefined : parseCursor(options.after)
  return untilInterrupted(context.io, signal => new Tail(context, options, signal).run(after))
}

/** Between looks whether an engine is back. */
const LOOK_MS = 500

class Tail {
  readonly #context: Context
  readonly #options: TailOptions
  readonly #signal: AbortSignal
  readonly #output: Output
  readonly #began: number
  readonly #types: readonly ((type: string) => boolean)[] | undefined
  #followed: Followed | undefined
  #journal: string | undefined
  #count = 0

  constructor(context: Context, options: TailOptions, signal: AbortSignal) {
    this.#context = context
    this.#options = options
    this.#signal = signal
    this.#types = options.type?.map(typesOf)
    const { io, globals, output } = context
    // A document would never end.
    const { json: _, ...rest } = globals
    const isEndless = output.format === 'json' && options.follow !== false
    this.#output = isEndless ? new Output(io, { ...rest, output: 'ndjson' }) : output
    this.#began = io.now()
  }

  async run(after: Cursor | undefined): Promise<Exit> {
    for (;;) {
      const end = await this.#read(after)
      if (this.#context.io.out.isClosed) return exit.ok
      if (end === 'interrupted') return this.#interrupted()
      if (end === 'all') return exit.ok
      const { tell } = this.#context
      const resume = this.#resume()
      if (this.#options.retry !== true) {
        await tell.call(this.#context, `The engine is gone. ${resume}`)
        return exit.unreachable
      }
      await tell.call(this.#context, 'The engine is gone: waiting for it.')
      await this.#back()
    }
  }

  async #read(after: Cursor | undefined): Promise<End> {
    try {
      return await this.#context.journal(opened => this.#readFrom(opened, after))
    } catch (error) {
      if (this.#signal.aborted) return 'interrupted'
      if (this.#followed !== undefined && isGone(error)) return 'gone'
      throw error
    }
  }

  async #readFrom(opened: Opened, after: Cursor | undefined): Promise<End> {
    const { source, client, kind } = opened
    const isFollowing = this.#options.follow !== false && client !== undefined
    const about = await source.about()
    this.#mustBeSame(about.journal)
    const begin = after ?? { commit: isFollowing ? about.commit : 0 }
    this.#followed ??= new Followed(begin)
    // A dump has the runs that there are, and no commits of those that are gone.
    const isWhole = kind === 'file' && after === undefined
    const removed = isWhole ? '' : removedText(this.#followed.cursor, about)
    if (removed !== '') await this.#context.tell(removed)
    if (this.#options.follow !== false && client === undefined) {
      await this.#context.tell(
        'No engine runs: what is stored is printed, and nothing is followed.',
      )
    }
    const wants = await this.#wanted(source, isFollowing)
    const pages = this.#followed.pages(source, isFollowing ? client : undefined, this.#signal)
    return this.#print(pages, new Subjects(source), wants)
  }

  async #print(
    pages: AsyncGenerator<readonly Part[], End>,
    subjects: Subjects,
    wants: (told: Told) => boolean,
  ): Promise<End> {
    const { format } = this.#output
    let end: End = 'all'
    const all = async function* (): AsyncGenerator<readonly Shown[]> {
      for (;;) {
        const { done, value } = await pages.next()
        if (done === true) {
          end = value
          return
        }
        const shown: Shown[] = []
        for (const part of value) shown.push(...(await shownOf(part, subjects)))
        yield shown.filter(({ told }) => wants(told))
      }
    }
    if (format === 'ndjson' || format === 'json') {
      this.#count += await this.#output.list('entry', this.#items(all()), [])
    } else {
      for await (const page of all()) {
        this.#count += page.length
        await this.#output.text(page.map(shown => this.#line(shown)).join(''))
        if (this.#context.io.out.isClosed) break
      }
    }
    return end
  }

  async *#items(pages: AsyncIterable<readonly Shown[]>) {
    for await (const page of pages) {
      for (const shown of page) yield { record: this.#record(shown), cells: () => [] }
    }
  }

  #record({ told, seq, cursor }: Shown): EntryRecord {
    const { subject, ...facts } = told
    const step = subject !== undefined && { step: subject.id }
    const record = entryRecordOf({ ...facts, seq, ...step }, this.#context.secrets)
    return { ...record, cursor: cursorText(cursor) }
  }

  #line(shown: Shown): string {
    const { looks, format } = this.#output
    if (format === 'table') return tailLine(shown.told, looks, this.#context.secrets)
    const { cursor, at, run, workflow, type, step = '', facts } = this.#record(shown)
    return `${[cursor, at, run, workflow, type, step, JSON.stringify(facts)].join('\t')}\n`
  }

  async #wanted(source: Source, isFollowing: boolean): Promise<(told: Told) => boolean> {
    const { workflow, run } = this.#options
    const isOf = workflow === undefined ? undefined : globOf(workflow)
    const types = this.#types
    const id = run === undefined ? undefined : await idOf(run, source, isFollowing)
    return told =>
      (isOf?.(told.workflow) ?? true) &&
      (id === undefined || told.run === id) &&
      (types?.some(fits => fits(told.entry.type)) ?? true)
  }

  // A cursor means nothing in another journal.
  #mustBeSame(journal: string): void {
    this.#journal ??= journal
    if (this.#journal !== journal) throw new Error('another journal is in its place')
  }

  async #back(): Promise<void> {
    while (!this.#signal.aborted) {
      await pauseFor(LOOK_MS, this.#signal)
      try {
        return await this.#context.engine(async () => undefined)
      } catch (error) {
        if (!isGone(error)) throw error
      }
    }
  }

  async #interrupted(): Promise<Exit> {
    const { io } = this.#context
    const counted = this.#count === 1 ? '1 entry' : `${this.#count} entries`
    const span = tookText(io.now() - this.#began)
    await this.#context.tell(`followed ${counted} in ${span}. ${this.#resume()}`)
    return exit.interrupted
  }

  #resume(): string {
    if (this.#followed === undefined) return ''
    return `To go on from here: perdure tail --after ${cursorText(this.#followed.cursor)}`
  }
}
