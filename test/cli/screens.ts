/** What a command is called with to be looked at, and where: a line is cut at its blanks. */
export interface Screen {
  readonly line: string
  /** With what it exits, if not with 0. */
  readonly exits?: number
  /** Without: it asks for no journal, or names its own. */
  readonly in?: readonly Situation[]
  /** It changes something: it comes after those that only look. */
  readonly writes?: true
}

export type Situation = 'running' | 'killed' | 'dump'

/** Other programs read what these print: its lines are as long as they are. */
export const FOR_PROGRAMS: readonly string[] = ['graph', 'export', 'completion', 'schema']

/** What these print is of the machine, or of the whole package: it is not kept. */
export const UNKEPT: readonly string[] = ['doctor', 'completion', 'schema']

const anywhere = (line: string, exits?: number): Screen => ({
  ...{ line, in: ['running', 'killed', 'dump'] },
  ...(exits !== undefined && { exits }),
})
const nowhere = (line: string, more: Partial<Screen> = {}): Screen => ({ line, ...more })
const engine = (line: string): readonly Screen[] => [
  { line, in: ['running'], writes: true },
  { line, in: ['killed', 'dump'], exits: 4 },
]

/** Every command, in what one sees of it. `%` stands for whose turn it is. */
export const screens: { readonly [command: string]: readonly Screen[] } = {
  list: [
    anywhere('list'),
    anywhere('list --status failed --workflow none'),
    anywhere('list --status broken', 2),
    nowhere('list -d nowhere', { exits: 3 }),
  ],
  show: [
    anywhere('show run-10'),
    anywhere('show reindex-7'),
    anywhere('show digest-jan'),
    anywhere('show greet-bob', 3),
  ],
  events: [
    anywhere('events run-10'),
    anywhere('events approval-17 --limit 1'),
    { line: 'events greet-ada --raw', in: ['killed'] },
  ],
  step: [anywhere('step run-10 charge-card'), anywhere('step run-10 ship')],
  tail: [anywhere('tail --no-follow'), anywhere('tail --no-follow --run run-10 --ascii')],
  watch: [anywhere('watch run-10'), { line: 'watch invoice-3', in: ['killed', 'dump'], exits: 4 }],
  why: [
    ...['approval-17', 'sync-alan', 'invoice-3', 'digest-jan', 'reindex-7', 'sitemap-2'].map(run =>
      anywhere(`why ${run}`),
    ),
    ...['approval-18', 'contract-42', 'greet-ada'].map(run => anywhere(`why ${run}`)),
  ],
  diff: [anywhere('diff run-10 greet-ada', 6), anywhere('diff sync-ada sync-alan', 6)],
  graph: [
    anywhere('graph fulfil-order'),
    anywhere('graph nightly', 3),
    nowhere('graph --state'),
    nowhere('graph', { exits: 2 }),
  ],
  timers: [anywhere('timers'), anywhere('timers --next 1s')],
  waits: [anywhere('waits')],
  schedules: [anywhere('schedules'), ...engine('schedules pause nightly')],
  stats: [anywhere('stats')],
  send: [
    ...engine('send app/hello name=Bob'),
    { line: 'send app/helo name=Bob', in: ['running'], exits: 2 },
  ],
  start: [
    ...engine('start greeting name=Eve --id greet-eve --wait'),
    { line: 'start greetings', in: ['running'], exits: 2 },
  ],
  signal: engine('signal contract/42 by=ada'),
  cancel: [
    ...engine('cancel approval-17 --reason late'),
    { line: 'cancel --workflow s* --dry-run', in: ['running'] },
    { line: 'cancel', in: ['running'], exits: 2 },
  ],
  pause: engine('pause digest-jan'),
  resume: engine('resume approval-18'),
  retry: [...engine('retry run-10'), { line: 'retry greet-ada', in: ['running'], exits: 2 }],
  rerun: engine('rerun run-10 --from ship'),
  wait: [
    anywhere('wait greet-ada'),
    anywhere('wait run-10 --exit-status', 7),
    { line: 'wait invoice-3', in: ['killed', 'dump'], exits: 4 },
  ],
  dump: [
    anywhere('dump --run run-10'),
    anywhere('dump --run nobody', 3),
    { line: 'dump', in: ['killed'] },
  ],
  load: [
    nowhere('load dump.ndjson --into loaded-% --dry-run'),
    nowhere('load dump.ndjson --into loaded-%', { writes: true }),
    nowhere('load dump.ndjson --into killed', { exits: 2 }),
  ],
  verify: [anywhere('verify'), nowhere('verify damaged', { exits: 5 })],
  salvage: [
    nowhere('salvage damaged --into saved-%', { exits: 5, writes: true }),
    nowhere('salvage killed --into whole-%', { writes: true }),
    { line: 'salvage --into never', in: ['running'], exits: 4 },
  ],
  replay: [anywhere('replay --code src/workflows.mjs', 6)],
  gc: [
    { line: 'gc --older-than 1h --yes', in: ['running', 'killed'], writes: true },
    { line: 'gc --older-than 1h --dry-run', in: ['running', 'killed'] },
    { line: 'gc', in: ['killed'], exits: 2 },
    { line: 'gc --older-than 1h --yes', in: ['dump'], exits: 4 },
  ],
  export: [
    anywhere('export run-10 --mermaid'),
    anywhere('export run-10 --gantt'),
    anywhere('export run-10', 2),
  ],
  doctor: [anywhere('doctor')],
  explain: [
    nowhere('explain SCHEDULE_NOT_FOUND'),
    nowhere('explain'),
    nowhere('explain RUN_NOT_FUND', { exits: 2 }),
  ],
  completion: ['bash', 'zsh', 'fish'].map(shell => nowhere(`completion ${shell}`)),
  schema: [nowhere('schema'), nowhere('schema runs', { exits: 2 })],
}

export interface Call {
  readonly command: string
  readonly line: string
  readonly situation: Situation | undefined
  readonly exits: number
  readonly args: readonly string[]
}

/**
 * All calls of one who has the situations of this name, in the order in which they are made; each in
 * all its situations, or only in the first of them.
 */
export function callsOf(
  name: string,
  where: 'everywhere' | 'once' = 'everywhere',
): readonly Call[] {
  const places = { running: `data-${name}`, killed: `killed-${name}`, dump: 'dump.ndjson' }
  const all = Object.entries(screens).flatMap(([command, own]) =>
    own.map(screen => ({ command, ...screen })),
  )
  const ordered = [...all.filter(({ writes }) => !writes), ...all.filter(({ writes }) => writes)]
  return ordered.flatMap(({ command, line, exits = 0, in: all = [undefined] }) =>
    all.slice(0, where === 'once' ? 1 : all.length).map(situation => {
      const given = line.replace('%', name).split(' ')
      const args = situation === undefined ? given : [...given, '-d', places[situation]]
      return { command, line, situation, exits, args }
    }),
  )
}
