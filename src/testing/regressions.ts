import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeRows } from '../../journal/write-rows.ts'
import { parseTape, type Tape } from './tape.ts'
import type { TrialResult } from './trial-result.ts'

/** What is kept of what failed once: one replay string a line, the newest first. */
export class Regressions {
  readonly #dir: string
  readonly #name: string

  /** `name` is that of the spec; it becomes a file name. */
  constructor(dir: string, name: string) {
    this.#dir = dir
    this.#name = name.replace(/[^\w.-]+/g, '_').slice(0, 100)
  }

  get file(): string {
    return join(this.#dir, `${this.#name}.tapes`)
  }

  /** Those of other versions of the format are left out. */
  async read(): Promise<Tape[]> {
    return (await this.#lines()).flatMap(line => {
      try {
        return [parseTape(line.split(' ', 1)[0] ?? '')]
      } catch {
        return []
      }
    })
  }

  /** Keeps a replay string, and the journal where `perdure dump` reads it. Returns its place. */
  async keep(
    replay: string,
    property: string,
    { rows }: TrialResult<unknown>,
  ): Promise<string | undefined> {
    const journal = join(this.#dir, `${this.#name}.journal`)
    try {
      const others = (await this.#lines()).filter(line => !line.startsWith(`${replay} `))
      const lines = [`${replay}  # ${property.replace(/\s+/g, ' ')}`, ...others].slice(0, MOST)
      await mkdir(this.#dir, { recursive: true })
      await writeFile(this.file, `${lines.join('\n')}\n`)
      await writeRows(journal, rows)
      return journal
    } catch {
      // Where nothing can be written, the report has to do.
      return undefined
    }
  }

  async #lines(): Promise<string[]> {
    const text = await readFile(this.file, 'utf8').catch(() => '')
    return text.split('\n').filter(line => line.trim() !== '')
  }
}

const MOST = 100
