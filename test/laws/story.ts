import { decodeValue } from '../../journal/codec/decode.ts'
import type { Entry } from '../../journal/entry.ts'
import { unseal } from '../../journal/envelope.ts'
import type { Trial } from './trial.ts'

/** The journal as people read it: one line an entry. */
export function story({ history }: Pick<Trial, 'history'>): string {
  const start = history.commits[0]?.commit.at ?? 0
  const lines: string[] = []
  for (const { commit, records, epoch, write } of history.commits) {
    const time = `${commit.commit} (epoch ${epoch}) +${commit.at - start} e+${commit.elapsed - start}`
    if (records.length === 0) lines.push(`${time}  ${commit.removed?.join(' ') ?? 'opened'}`)
    for (const [key, row] of write.puts) {
      if (!/^[vbs]!/.test(key)) continue
      lines.push(`${time}  ${key} ${JSON.stringify(unseal(key, row).body, plain).slice(0, 160)}`)
    }
    for (const [run, n] of commit.taken ?? []) lines.push(`${time}  taken ${run} ${n}`)
    for (const { run, seq, entries } of records) {
      for (const [at, entry] of entries.entries()) {
        lines.push(`${time}  ${run}!${seq + at} ${describe(entry, history.run(run)?.ids)}`)
      }
    }
  }
  return lines.join('\n')
}

function describe({ type, ...facts }: Entry, ids: ReadonlyMap<number, string> | undefined): string {
  const parts: string[] = [type]
  for (const [name, fact] of Object.entries<unknown>(facts)) {
    if (name === 'of') parts.push(`of ${String(fact)} ${ids?.get(Number(fact)) ?? ''}`)
    else
      parts.push(`${name} ${fact instanceof Uint8Array ? short(decodeValue(fact)) : inline(fact)}`)
  }
  return parts.join(' ')
}

const inline = (fact: unknown): string =>
  typeof fact === 'object' ? JSON.stringify(fact) : String(fact)

const short = (value: unknown): string =>
  (value instanceof Error ? value.message : (JSON.stringify(value, plain) ?? 'undefined')).slice(
    0,
    60,
  )

const plain = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? `${value}n` : value
