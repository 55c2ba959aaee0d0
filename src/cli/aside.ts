import type { Globals } from './globals.ts'
import type { Io } from './io.ts'
import { looksOf, paint, type Style } from './looks.ts'
import { inAscii } from './said.ts'
import { fromHere, wrapped } from './wrap.ts'

/** Who says it, and how he was asked to. */
interface Saying {
  readonly io: Pick<Io, 'err' | 'cwd' | 'env'>
  readonly globals: Globals
}

/**
 * Says something beside the data, on stderr. On a terminal its lines are broken between words;
 * elsewhere each stays one, for whoever searches them. The style is that of the first word.
 */
export async function aside(
  lines: readonly string[],
  { io, globals }: Saying,
  style?: Style,
): Promise<void> {
  const looks = looksOf(io.err, globals, io)
  const { columns, isTerminal } = looks
  const told = lines.flatMap(line => {
    const first = /^ */.exec(line)?.[0] ?? ''
    const said = fromHere(line.slice(first.length), io.cwd)
    const text = looks.ascii ? inAscii(said) : said
    if (!isTerminal) return [first + text]
    return wrapped(text, columns, { first, rest: first === '' ? '  ' : first })
  })
  const text = told.map(line => `${line}\n`).join('')
  await io.err.write(
    style === undefined ? text : text.replace(/^\S+/, by => paint(looks, style, by)),
  )
}
