import { decodeValue } from '../../journal/codec/decode.ts'
import { encodeValue } from '../../journal/codec/encode.ts'
import type { Meta } from '../../journal/meta.ts'
import type { Handlers, Hello, Known } from '../control/protocol.ts'
import type { ControlServer } from '../control/server.ts'
import { packageVersion } from '../control/version.ts'
import { EngineError } from '../define/error.ts'
import type { AnyWorkflow } from '../define/workflow.ts'
import { Door } from './door.ts'
import type { Engine } from './engine.ts'
import { LiveSource } from './live-source.ts'
import type { Parts } from './parts.ts'
import { Results } from './results.ts'

/** Beside the data of an event: its name, id, and what base64 adds. */
const ROOM = 1 << 16

/** Answers those who ask the engine from outside, until it is closed. */
export async function openControl(
  engine: Engine,
  parts: Parts,
  directory: string,
): Promise<ControlServer | undefined> {
  const { settings, opened } = parts
  const { ControlServer } = await import('../control/server.ts')
  const server = new ControlServer({
    directory,
    about: { version: packageVersion(), pid: process.pid, ...factsOf(opened.meta) },
    handlers: handlersOf(engine, parts),
    longest: 2 * settings.limits.valueBytes + ROOM,
  })
  try {
    await server.listen()
    return server
  } catch (error) {
    // It runs as well without: whoever looks into it reads a copy.
    settings.logger.warn({ error }, 'the engine cannot be asked from outside')
    return undefined
  }
}

function handlersOf(engine: Engine, parts: Parts): Handlers {
  const door = new Door(parts)
  const source = new LiveSource(parts, door, engine.schedules)
  return {
    about: () => source.about(),
    runs: ({ gists, ...query }) => (gists === true ? source.listed(query) : source.runs(query)),
    run: ({ run }) => source.run(run),
    gists: ({ runs }) => source.gists(runs),
    records: ({ run }) => source.records(run),
    commits: ({ packed, ...query }, signal) =>
      packed === true && query.follow === true
        ? source.packedCommits(query.after, signal)
        : source.commits(query, signal),
    timers: () => source.timers(),
    waits: () => source.waits(),
    events: query => source.events(query),
    schedules: () => source.schedules(),
    why: async ({ run }) => encodeValue(await source.why(run)),
    census: () => source.census(),
    stats: async () => engine.stats(),
    known: async () => knownTo(parts),
    ...requestsTo(engine, parts, new Results(parts, door)),
  }
}

type Requests = Pick<
  Handlers,
  | 'start'
  | 'send'
  | 'signal'
  | 'cancel'
  | 'pause'
  | 'resume'
  | 'retry'
  | 'result'
  | 'gc'
  | 'pauseSchedule'
  | 'resumeSchedule'
>

const requestsTo = (engine: Engine, parts: Parts, results: Results): Requests => ({
  start: async ({ workflow, data, run }) => {
    const options = run === undefined ? {} : { id: run }
    return (await engine.start(known(parts, workflow), opened(data), options)).id
  },
  send: ({ events }) =>
    engine.send(events.map(({ data, ...event }) => ({ ...event, data: opened(data) }))),
  signal: ({ signal, data, ...options }) => engine.signal(signal, opened(data), options),
  cancel: ({ run, reason }) => engine.cancel(run, reason),
  pause: ({ run }) => engine.pause(run),
  resume: ({ run }) => engine.resume(run),
  retry: async ({ run, from }) => (await engine.retry(run, from === undefined ? {} : { from })).id,
  result: async ({ run }, signal) => encodeValue(await results.of(run, signal)),
  gc: async what => {
    if (parts.leaving !== undefined) throw parts.leaving.error
    return parts.gc(what)
  },
  pauseSchedule: ({ schedule }) => engine.schedules.pause(schedule),
  resumeSchedule: ({ schedule }) => engine.schedules.resume(schedule),
})

const factsOf = ({ id, secrets = [] }: Meta): Pick<Hello, 'journal' | 'secrets'> => ({
  journal: id,
  secrets,
})

/** What the engine was opened with, for those who ask it by name. */
const knownTo = ({ settings }: Parts): Known => ({
  workflows: [...settings.workflows.values()].map(({ id, triggers, cancelOn }) => ({
    id,
    startedBy: triggers.flatMap(trigger => (trigger.kind === 'event' ? trigger.pattern : [])),
    cancelledBy: cancelOn.map(({ event }) => event),
  })),
})

function known({ settings }: Parts, id: string): AnyWorkflow {
  const workflow = settings.workflows.get(id)
  if (workflow !== undefined) return workflow
  throw new EngineError('WORKFLOW_UNKNOWN', `The engine does not know the workflow '${id}'.`, {
    hint: 'Look at the id; the engine knows those it was opened with.',
    facts: { workflow: id, known: [...settings.workflows.keys()] },
  })
}

const opened = (data: Uint8Array | undefined): unknown =>
  data === undefined ? undefined : decodeValue(data)
