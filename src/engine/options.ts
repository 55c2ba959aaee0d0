import type { Durability } from '../../journal/meta.ts'
import type { Store } from '../../journal/store.ts'
import { type Duration, parseDuration } from '../define/duration.ts'
import { EngineError } from '../define/error.ts'
import { type Logger, silentLogger } from '../define/logger.ts'
import { optionFaults } from '../define/option-schema.ts'
import { marksOf } from '../define/secret-marks.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import { type Clock, systemClock } from '../ports/clock.ts'
import { type Ids, systemIds } from '../ports/ids.ts'
import { cancelHandler, failureHandler } from '../run/ending-handler.ts'
import type { BodyRunner } from './body-runner.ts'
import { engineOptionsSchema } from './engine-options-schema.ts'
import { defaultLimits, type Limits } from './limits.ts'

/** What `openEngine` takes. */
export interface EngineOptions {
  /** A directory, which is created if it is absent, or `':memory:'`. */
  readonly path: string
  readonly workflows: readonly AnyWorkflow[]
  /** `'fsync'` (default) survives power cuts, `'os'` only the death of the process. */
  readonly durability?: Durability
  /**
   * How long a run that has ended is kept, in time that passes; one that continued as another, until
   * the last one ended that long ago. `'forever'` keeps it. Default `'30d'`.
   */
  readonly retention?: Duration | 'forever'
  /**
   * Step bodies that run at the same time. Default 1,000. A body gives up its place when its time
   * is up (`timeout`), even if it goes on: only its `signal` can stop it.
   */
  readonly concurrency?: number
  readonly limits?: Partial<Limits>
  /**
   * When the records of one run turn out to be damaged: `'refuse'` (default) stops the engine,
   * `'park'` leaves that run alone (its status reads `parked`) and goes on with the others.
   */
  readonly onDamage?: 'refuse' | 'park'
  /**
   * `'park'`: at opening, all runs that are under way are replayed before any of them goes on, and
   * those that do not fit their code any more are parked with NON_DETERMINISTIC. Default `'off'`: a run
   * is replayed when something happens to it.
   */
  readonly preflight?: 'off' | 'park'
  /**
   * Keys whose values are secrets, beside the usual ones (`password`, `token`, ...) and those that the
   * schemas of workflows and events mark: `'card'`, or `'user.email'` for a key in another. They are
   * stored as they are, and masked wherever the `perdure` command shows values.
   */
  readonly secrets?: readonly string[]
  /**
   * Whether the `perdure` command and `connect` of this user may ask the engine, over a socket in the
   * directory. Default true.
   */
  readonly control?: boolean
  /** Default: silent. */
  readonly logger?: Logger
  /** Close the engine on these signals, giving running steps 10 s; then let the signal act. */
  readonly closeOn?: readonly NodeJS.Signals[]
  /** Default: the system's. */
  readonly clock?: Clock
  /** Default: random. */
  readonly ids?: Ids
  /** Where the journal is kept, instead of LevelDB at `path`. */
  readonly store?: Store
  /** Runs step bodies. Default: calls them. */
  readonly bodies?: BodyRunner
}

export interface EngineSettings {
  readonly path: string
  readonly workflows: ReadonlyMap<string, AnyWorkflow>
  readonly durability: Durability | undefined
  readonly retention: number
  readonly concurrency: number
  readonly limits: Limits
  readonly onDamage: 'refuse' | 'park'
  readonly preflight: 'off' | 'park'
  readonly control: boolean
  /** Paths of keys, sorted. */
  readonly secrets: readonly string[]
  readonly logger: Logger
  readonly closeOn: readonly NodeJS.Signals[]
  readonly clock: Clock
  readonly ids: Ids
  readonly store: Store | undefined
  readonly bodies: BodyRunner | undefined
}

/** Throws DEFINITION_INVALID and WORKFLOW_DUPLICATE. */
export function settingsOf(options: EngineOptions): EngineSettings {
  const faults = optionFaults(engineOptionsSchema, options)
  if (faults.length > 0) throw invalid(faults)
  const { retention = '30d' } = options
  return {
    path: options.path,
    workflows: byId(options.workflows),
    durability: options.durability,
    retention: retention === 'forever' ? Number.POSITIVE_INFINITY : parseDuration(retention),
    concurrency: options.concurrency ?? 1_000,
    limits: { ...defaultLimits, ...present(options.limits ?? {}) },
    onDamage: options.onDamage ?? 'refuse',
    preflight: options.preflight ?? 'off',
    control: options.control ?? true,
    secrets: secretsOf(options),
    logger: guarded(options.logger ?? silentLogger),
    closeOn: options.closeOn ?? [],
    clock: options.clock ?? systemClock,
    ids: options.ids ?? systemIds(),
    store: options.store,
    bodies: options.bodies,
  }
}

/** Those that are named, and those that schemas mark. */
const secretsOf = ({ secrets = [], workflows }: EngineOptions): readonly string[] =>
  [...new Set([...secrets, ...marksOf(workflows)])].sort()

/** Without what is `undefined`: that is as good as absent. */
const present = <Options extends object>(options: Options): Partial<Options> =>
  Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<Options>

/** A logger that fails must not bring down what it tells about. */
function guarded(logger: Logger): Logger {
  const tell = (level: keyof Logger) => (facts: object, message: string) => {
    try {
      logger[level](facts, message)
    } catch {
      // There is nobody left to tell.
    }
  }
  return { debug: tell('debug'), info: tell('info'), warn: tell('warn'), error: tell('error') }
}

function byId(workflows: readonly AnyWorkflow[]): ReadonlyMap<string, AnyWorkflow> {
  const map = new Map<string, AnyWorkflow>()
  for (const workflow of workflows.flatMap(withHandlers)) {
    const { id } = workflow
    if (map.has(id)) {
      throw new EngineError('WORKFLOW_DUPLICATE', `Two workflows have the id '${id}'.`, {
        hint: 'Give each workflow an id of its own: journals know them by it.',
        facts: { id },
      })
    }
    map.set(id, workflow)
  }
  return map
}

// An id of a user's that is taken by a handler is refused like any other.
const withHandlers = (workflow: AnyWorkflow): AnyWorkflow[] =>
  [workflow, failureHandler(workflow), cancelHandler(workflow)].filter(each => each !== undefined)

function invalid(issues: readonly string[]): EngineError {
  return new EngineError('DEFINITION_INVALID', `The options are not valid. ${issues.join('; ')}`, {
    hint: 'Correct the named option where openEngine() is called.',
    facts: { issues },
  })
}
