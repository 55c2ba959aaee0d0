import type { CommandSpec } from '../command-spec.ts'

export const DATA = `Data is one JSON text, - (JSON from stdin), @file.json, or pairs: key=text, key:=json. Values that
JSON cannot say are written as they are printed: {"$": ["date", "2026-01-31T09:00:00.000Z"]}.`

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
  notes: DATA,
  takes: command =>
    command
      .argument('<event>', 'its name')
      .argument('[data...]', 'JSON, -, @file.json, or key=value pairs')
      .option('--id <id>', 'sent again within a day it does nothing more')
      .option('--at <time>', 'when it happened: 15m (ago), ISO 8601')
      .option('--wait', 'wait for the runs that it starts and resumes')
      .option('--allow-unknown', 'also if nothing listens to it'),
  run: async (context, [event, data], options) =>
    (await import('../send.ts')).send(context, String(event), textsOf(data), options),
}

export const textsOf = (args: unknown): readonly string[] =>
  Array.isArray(args) ? args.map(String) : []
