import { JournalError } from '../error.ts'
import { systemCode } from './damage.ts'
import { claimDirectory, type Directory, findDirectory } from './directory.ts'
import { decodeHolder, describeHolder, encodeHolder, type Holder } from './holder.ts'
import { ask, endpointOf, type Listening, listen } from './liveness.ts'
import { lockOwner } from './lock-owner.ts'

/** The right to open a directory with LevelDB; at most one exists for each directory. */
export interface Ownership {
  /** The real path: the one to hand to LevelDB. */
  readonly path: string
  /** Gives the right back, once. Close LevelDB first. */
  release(): Promise<void>
}

/**
 * Takes the directory at `path`, creating it if need be, or says who has it.
 *
 * LevelDB's own lock does not hold: a second opening in the same process by another spelling
 * succeeds, and a failed one drops the lock for everybody. So this comes first, and is about the
 * directory itself: a registry for all copies of the package in this thread, then a socket for all
 * threads and processes. LevelDB's lock remains behind it, for containers with networks of their own.
 *
 * @throws JournalError JOURNAL_LOCKED (`facts.holder`: who, if it answered; else `facts.pid`, if the
 * system knows), JOURNAL_UNUSABLE
 */
export async function acquireOwnership(
  path: string,
  self: Holder,
  platform: NodeJS.Platform = process.platform,
): Promise<Ownership> {
  const directory = await claimDirectory(path)
  const registry = sharedRegistry()
  const known = registry.get(directory.id)
  if (known !== undefined) throw locked(directory, known)
  registry.set(directory.id, self)
  try {
    const listening = await listenFor(directory, self, platform)
    return ownershipOf(directory, registry, listening)
  } catch (error) {
    registry.delete(directory.id)
    throw error
  }
}

/** Who holds the directory at `path`; `undefined` when nobody does, or the holder does not answer. */
export async function askOwner(
  path: string,
  platform: NodeJS.Platform = process.platform,
): Promise<Holder | undefined> {
  try {
    const { id } = await findDirectory(path)
    const answer = await ask(endpointOf(id, platform), ANSWER_MS_MAX)
    return answer.kind === 'line' ? decodeHolder(answer.line) : undefined
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

const ANSWER_MS_MAX = 500
const ATTEMPTS_MAX = 3

async function listenFor(
  directory: Directory,
  self: Holder,
  platform: NodeJS.Platform,
): Promise<Listening> {
  const endpoint = endpointOf(directory.id, platform)
  for (let attempt = 1; ; attempt++) {
    const listening = await listen(endpoint, encodeHolder(self))
    if (listening !== undefined) return listening
    const answer = await ask(endpoint, ANSWER_MS_MAX)
    // It let go between the two calls.
    if (answer.kind === 'nobody' && attempt < ATTEMPTS_MAX) continue
    const holder = answer.kind === 'line' ? decodeHolder(answer.line) : undefined
    throw locked(
      directory,
      holder,
      holder === undefined ? await lockOwner(directory.path) : undefined,
    )
  }
}

function ownershipOf(
  directory: Directory,
  registry: Map<unknown, unknown>,
  listening: Listening,
): Ownership {
  let released: Promise<void> | undefined
  const release = async (): Promise<void> => {
    await listening.close()
    registry.delete(directory.id)
  }
  return {
    path: directory.path,
    release: () => {
      released ??= release()
      return released
    },
  }
}

/**
 * One for all copies of the package in this thread: two copies share no module, only the global
 * object. What another release put in it is not trusted to be a holder.
 */
function sharedRegistry(): Map<unknown, unknown> {
  const found: unknown = Reflect.get(globalThis, REGISTRY)
  if (found instanceof Map) return found
  const created = new Map<unknown, unknown>()
  Reflect.defineProperty(globalThis, REGISTRY, { value: created })
  return created
}

const REGISTRY = Symbol.for('perdure.journals')

function locked(directory: Directory, holder: unknown, pid?: number): JournalError {
  const known = decodeHolder(JSON.stringify(holder) ?? '')
  const by =
    known === undefined ? `${unheard(pid)}; the holder did not answer` : describeHolder(known)
  return new JournalError('JOURNAL_LOCKED', `Journal ${directory.path} is held by ${by}`, {
    hint:
      'Use the engine that is open, close it first, or give this one a directory of its own. ' +
      'To look inside meanwhile, use the `perdure` command: it asks the holder. A holder that ' +
      'does not answer may be stopped or busy; its hold ends with its process.',
    facts: {
      dir: directory.path,
      ...(known !== undefined && { holder: known }),
      ...(pid !== undefined && { pid }),
    },
  })
}

const unheard = (pid: number | undefined): string =>
  pid === undefined ? 'another engine' : `another engine, in process ${pid}`
