import { mkdir, realpath, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { systemCode, unusable } from './damage.ts'

/** A directory by what it is, not by how it was spelled. */
export interface Directory {
  /** Without symlinks, `.`, `..` or a trailing slash: the only spelling LevelDB may see. */
  readonly path: string
  /** Device and inode: equal for two paths exactly if they lead to the same directory. */
  readonly id: string
}

/**
 * The directory at `path`, created with mode 0700 if it is not there.
 *
 * @throws JournalError JOURNAL_UNUSABLE when it is no directory, another user's, or open to writes by others
 */
export async function claimDirectory(path: string): Promise<Directory> {
  try {
    await make(resolve(path))
  } catch (error) {
    throw unusable(path, 'cannot be created', 'Name a place this user may write to.', error)
  }
  const directory = await findDirectory(path)
  await mustBePrivate(directory.path)
  return directory
}

// Not Node's own recursion: in a folder that takes none, such as /proc, it goes on without end.
async function make(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    const parent = dirname(path)
    if (systemCode(error) === 'ENOENT' && parent !== path && !(await isDirectory(parent))) {
      await make(parent)
      return make(path)
    }
    if (!(await isDirectory(path))) throw error
  }
}

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isDirectory(),
    () => false,
  )

/** The existing directory at `path`. @throws the system error, such as ENOENT */
export async function findDirectory(path: string): Promise<Directory> {
  const real = await realpath(path)
  const { dev, ino } = await stat(real, { bigint: true })
  return { path: real, id: `${dev}:${ino}` }
}

/** Who may write into the directory may rewrite the history of every run. */
async function mustBePrivate(path: string): Promise<void> {
  const { mode, uid } = await stat(path)
  const self = process.getuid?.()
  if (self === undefined) return
  const elsewhere = 'or name a sub-directory that does not exist yet: it is created with mode 0700.'
  if (uid !== self) {
    throw unusable(
      path,
      `belongs to user ${uid}, and this process runs as user ${self}`,
      `Run as its owner, or \`chown ${self}\` it and what is in it, ${elsewhere}`,
    )
  }
  if ((mode & 0o022) !== 0) {
    throw unusable(
      path,
      `can be written by other users (mode ${(mode & 0o777).toString(8)})`,
      `\`chmod 700\` it, ${elsewhere}`,
    )
  }
}
