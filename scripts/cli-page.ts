import { Writable } from 'node:stream'
import type { Command, Option } from 'commander'
import type { CommandSpec } from '../src/cli/command-spec.ts'
import { commands } from '../src/cli/commands/all.ts'
import { exit } from '../src/cli/exit.ts'
import { Outlet } from '../src/cli/io.ts'
import { commandLine } from '../src/cli/program.ts'

const GROUPS = ['Inspect', 'Operate', 'Journal', 'Setup'] as const

/** docs/cli.md, from the specs of the commands. */
export function cliPage(): string {
  const program = commandLine({
    ...{ out: nowhere(), err: nowhere(), input: process.stdin, env: {}, cwd: '', scratch: '' },
    now: () => 0,
  })
  const common = program.options.filter(({ long }) => long !== '--version')
  const groups = GROUPS.map(group => {
    const own = commands.filter(spec => spec.group === group)
    const sections = own.map(spec => section(spec, commandOf(program, spec), common))
    return own.length === 0 ? '' : `\n## ${group}\n${sections.join('')}`
  })
  return `${HEAD}${optionsTable(common)}${ENVIRONMENT}${exitTable()}${groups.join('')}`
}

const HEAD = `# The command line

\`perdure\` shows what an engine did and does. It works while the application runs (it asks the engine), hangs
or is dead (it reads a copy of the directory), and on a file that \`perdure dump --json\` wrote, with the same
commands. \`perdure help <command>\` shows what is below for one of them.

This page is made from the commands themselves: \`npm run docs:cli\`.

## Where the journal is

\`-d <path>\`, else the environment's \`PERDURE_DIR\`, else \`"perdure": { "dir": "..." }\` in the nearest
package.json, else the nearest \`.perdure\`. A path may be a directory, a dump, or \`-\`: a dump from stdin.

## How a run is named

By its id, by an end of it that no other has (four characters at least), or by \`@last\`, \`@failed\`,
\`@running\`, \`@parked\`: the newest of that kind, of one workflow with \`@last:billing\`.

## How times are written

A while ago: \`90m\`, \`24h\`, \`7d\`, \`1h30m\`. Or ISO 8601: \`2026-01-31\` (midnight UTC), \`2026-01-31T09:00:00Z\`; a time needs its zone.

## Formats

Data is on stdout, all else on stderr. On a terminal the data is a table that fits; in a pipe it is the same
without colours, with times in ISO 8601. For programs: \`--json\` is one document, \`-o ndjson\` one record a
line, \`--plain\` one line a record with tabs and nothing cut. Each record has \`v\` and \`kind\`;
\`perdure schema\` prints their JSON Schema. With \`--json\`, an error is a record on stderr.

Values of properties that are secret are \`‹redacted›\` in every format, unless \`--show-secrets\` is given.

Long output on a terminal goes through \`$PAGER\` (\`less\`), not with \`--no-pager\`.

## Options of all commands

`

const ENVIRONMENT = `
## Environment

| variable | what it does |
|---|---|
| \`PERDURE_DIR\` | the journal, where \`-d\` is not given |
| \`PERDURE_PAGER\`, \`PAGER\` | shows long output; empty: none |
| \`NO_COLOR\` | no colours; \`--color always\` is stronger |
| \`FORCE_COLOR\` | colours in a pipe, too; \`0\`: none |
| \`COLUMNS\` | the width, as \`--width\` |
| \`TERM\` | \`dumb\`: no colours, no pager; \`linux\`: only characters of ASCII |
| \`TMPDIR\` | where copies of journals are made, and removed |
`

const MEANING: { readonly [Name in keyof typeof exit]: string } = {
  ok: 'done',
  failed: 'something that should not have happened, or what the command writes cannot be written',
  refused:
    'wrong usage, a value that is not one, an id that several runs have, or a question answered with no',
  notFound: 'no such run, event, step or journal',
  unreachable: 'an engine has the journal and does not answer, or none has and one is needed',
  damaged: 'the journal is damaged',
  differs: 'what was compared differs: code and journal, or two runs',
  ended: 'with `--exit-status`: the run failed, was cancelled or skipped, or is parked',
  timedOut: 'it was waited for long enough',
  interrupted: 'interrupted, by Ctrl-C',
}

function exitTable(): string {
  const names = Object.keys(MEANING) as (keyof typeof exit)[]
  const rows = names.map(name => `| ${exit[name]} | ${MEANING[name]} |\n`)
  return `\n## Exit status\n\n| status | meaning |\n|---|---|\n${rows.join('')}
Where whoever reads is gone (\`| head\`), the command ends with 0. Where it cannot print because a disk is
full, it ends with 1, unless it has another status to end with.\n`
}

function section(spec: CommandSpec, command: Command, common: readonly Option[]): string {
  const { name, alias, summary, examples, notes } = spec
  const own = command.options.filter(({ long }) => !common.some(other => other.long === long))
  const shown = examples.map(([line, does]) => (does === '' ? line : `${line}  # ${does}`))
  const args = command.registeredArguments.map(argument => {
    const { description, argChoices } = argument
    const choices = argChoices === undefined ? '' : ` (${argChoices.join(', ')})`
    return `| \`${argument.required ? '<' : '['}${argument.name()}${argument.variadic ? '...' : ''}${
      argument.required ? '>' : ']'
    }\` | ${cell(description + choices)} |\n`
  })
  const rows = args.join('') + own.map(optionRow).join('')
  return `
### perdure ${name}

${summary[0]?.toUpperCase()}${summary.slice(1)}.${alias === undefined ? '' : ` Also \`perdure ${alias}\`.`}

\`\`\`sh
${shown.join('\n')}
\`\`\`
${rows === '' ? '' : `\n| argument or option | what it is |\n|---|---|\n${rows}`}${
  notes === undefined ? '' : `\n\`\`\`text\n${notes}\n\`\`\`\n`
}`
}

const optionsTable = (options: readonly Option[]): string =>
  `| option | what it does |\n|---|---|\n${options.map(optionRow).join('')}`

function optionRow({ flags, description, argChoices }: Option): string {
  const choices = argChoices === undefined ? '' : ` (${argChoices.join(', ')})`
  return `| \`${flags}\` | ${cell(description + choices)} |\n`
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '\\<')

function commandOf(program: Command, { name }: CommandSpec): Command {
  const found = program.commands.find(command => command.name() === name)
  if (found === undefined) throw new Error(`${name} is no command`)
  return found
}

const nowhere = (): Outlet => new Outlet(new Writable({ write: (_, __, done) => done() }))
