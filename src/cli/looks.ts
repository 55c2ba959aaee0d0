import { styleText } from 'node:util'
import { type Globals, NARROWEST, type TimeStyle, WIDEST } from './globals.ts'
import type { Io, Outlet } from './io.ts'

export type Style = Parameters<typeof styleText>[0]

/** How a stream is written to: decided once, from flags, environment and terminal. */
export interface Looks {
  readonly columns: number
  readonly colors: boolean
  readonly ascii: boolean
  readonly time: TimeStyle
  readonly isTerminal: boolean
}

const COLUMNS = 100

export function looksOf(
  outlet: Pick<Outlet, 'isTerminal' | 'columns'>,
  globals: Globals,
  { env }: Pick<Io, 'env'>,
): Looks {
  const { isTerminal } = outlet
  return {
    columns: globals.width ?? columnsIn(env) ?? outlet.columns ?? COLUMNS,
    colors: hasColors(isTerminal, globals, env),
    ascii: globals.ascii ?? (isTerminal && env.TERM === 'linux'),
    time: globals.time ?? (isTerminal ? 'relative' : 'iso'),
    isTerminal,
  }
}

/** Who sets COLUMNS knows better than the terminal. */
function columnsIn({ COLUMNS: text }: Io['env']): number | undefined {
  const columns = Number(text)
  return Number.isInteger(columns) && columns >= NARROWEST && columns <= WIDEST
    ? columns
    : undefined
}

/** The flag decides, then NO_COLOR, then FORCE_COLOR, then the terminal. */
function hasColors(isTerminal: boolean, { color }: Globals, env: Io['env']): boolean {
  if (color === 'always') return true
  if (color === 'never' || color === false) return false
  if (isSet(env.NO_COLOR)) return false
  if (isSet(env.FORCE_COLOR)) return env.FORCE_COLOR !== '0'
  return isTerminal && env.TERM !== 'dumb'
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== ''

export const paint = ({ colors }: Pick<Looks, 'colors'>, style: Style, text: string): string =>
  colors && text !== '' ? styleText(style, text, { validateStream: false }) : text
