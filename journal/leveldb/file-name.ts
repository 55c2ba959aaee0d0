/** The files LevelDB keeps, as it names them. Everything else in a directory it ignores. */
export type StoreFile =
  | { readonly kind: 'log' | 'table' | 'manifest' | 'temporary'; readonly number: number }
  | { readonly kind: 'current' | 'lock' | 'notes' }

/** Where a journal lies while a dump is loaded into the directory around it. */
export const LOADING = 'loading'

/** What `name` is to LevelDB, which reads any run of digits: `7.log` is log 7, too. */
export function parseFileName(name: string): StoreFile | undefined {
  if (name === 'CURRENT') return { kind: 'current' }
  if (name === 'LOCK') return { kind: 'lock' }
  if (name === 'LOG' || name === 'LOG.old') return { kind: 'notes' }
  const manifest = /^MANIFEST-(\d+)$/.exec(name)
  if (manifest !== null) return { kind: 'manifest', number: Number(manifest[1]) }
  const [, digits, suffix] = /^(\d+)\.(log|ldb|sst|dbtmp)$/.exec(name) ?? []
  if (digits === undefined || suffix === undefined) return undefined
  return { kind: kindOf(suffix), number: Number(digits) }
}

/** `000007.log`: the only name under which LevelDB finds a file again. */
export const logName = (number: number): string => `${padded(number)}.log`

/** Newer releases write `.ldb`; `.sst` is read as well. */
export const tableNames = (number: number): readonly string[] => [
  `${padded(number)}.ldb`,
  `${padded(number)}.sst`,
]

const padded = (number: number): string => String(number).padStart(6, '0')

function kindOf(suffix: string): 'log' | 'table' | 'temporary' {
  if (suffix === 'log') return 'log'
  return suffix === 'dbtmp' ? 'temporary' : 'table'
}
