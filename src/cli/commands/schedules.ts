import { Argument } from 'commander'
import type { CommandSpec } from '../command-spec.ts'
import { UsageError } from '../usage.ts'

export const schedules: CommandSpec = {
  name: 'schedules',
  group: 'Inspect',
  summary: 'schedules, when they fire next, and their runs',
  examples: [
    ['perdure schedules', ''],
    ['perdure schedules pause digest-ada', 'starts nothing until it is resumed'],
    ['perdure schedules resume digest-ada', 'what it missed meanwhile is not made up for'],
  ],
  notes: `Of the schedule of a trigger, expression and zone stand in the code: only an engine that runs tells
them. Without one, what is stored is shown.`,
  takes: command =>
    command
      .addArgument(new Argument('[action]', 'what to do').choices(['pause', 'resume']))
      .argument('[ids...]', 'of schedules'),
  run: async (context, [action, ids], _) => {
    const { changeSchedules, schedules } = await import('../schedules.ts')
    if (action !== 'pause' && action !== 'resume') return schedules(context)
    const named = Array.isArray(ids) ? ids.map(String) : []
    if (named.length > 0) return changeSchedules(context, action, named)
    throw new UsageError('USAGE_INVALID', `No schedule is named to ${action}.`, {
      hint: `perdure schedules ${action} <id>; perdure schedules shows the ids.`,
    })
  },
}
