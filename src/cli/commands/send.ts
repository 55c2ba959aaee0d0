import type { CommandSpec } from '../command-spec.ts'

export const DATA = `Data is one JSON text, - (JSON from stdin), @file.json, or pairs: key=text, key:=json. Values that
JSON cannot say are written as they are printed: {"$": ["date", "2026-01-31T09:00:00.000Z"]}.`

export const CODE = 'if no engine runs: the module that exports the workflows'

export const WITHOUT_ENGINE = `Where no engine runs, --code opens one of your workflows (all of them must be
exported): it stores what is asked, and no step is run until your application opens the journal. With
--wait steps run here, of all runs that are under way, until those that are waited for have ended.
TypeScript is loaded as by perdure replay.`

export const send: CommandSpec = {
  name: 'send',
  group: 'Operate',
  summary: 'send an event to the engine that runs',
  examples: [
    [`perdure send app/user.signup '{"userId": "u1"}'`, ''],
    ['perdure send app/user.signup userId=u1 age:=30', 'the same without quotes'],
    [
      'perdure send app/user.signup @signup.json --id signup-u1',
      'of one id it is stored once a day',
    ],
    ['perdure send app/user.signup userId=u1 --wait', 'prints what the runs came to'],
  ],
  notes: `${DATA}\n\n${WITHOUT_ENGINE}`,
  takes: command =>
    command
      .argument('<event>', 'its name')
      .argument('[data...]', 'JSON, -, @file.json, or key=value pairs')
      .option('--id <id>', 'sent again within a day it does nothing more')
      .option('--at <time>', 'when it happened: 15m (ago), ISO 8601')
      .option('--wait', 'wait for the runs that it starts and resumes')
      .option('--allow-unknown', 'also if nothing listens to it')
      .option('--code <module>', CODE),
  run: async (context, [event, data], options) =>
    (await import('../send.ts')).send(context, String(event), textsOf(data), options),
}

export const textsOf = (args: unknown): readonly string[] =>
  Array.isArray(args) ? args.map(String) : []
