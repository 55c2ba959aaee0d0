import { REDACTED } from '../inspect/secrets.ts'
import type { Looks } from './looks.ts'
import { plain } from './plain.ts'

/** Text from a journal as the looks want it: on one line, and in ASCII if nothing else is wanted. */
export const said = (text: string, { ascii }: Pick<Looks, 'ascii'>): string =>
  ascii ? inAscii(plain(text)) : plain(text)

/** Ids and values of users hold what they like. */
export const inAscii = (text: string): string =>
  text
    .replaceAll(REDACTED, '<redacted>')
    .replace(/[·…]/g, mark => (mark === '·' ? '-' : '...'))
    .replace(/[^\p{ASCII}]/gu, '?')
