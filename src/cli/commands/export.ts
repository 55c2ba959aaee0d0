import type { CommandSpec } from '../command-spec.ts'
import type { ExportOptions } from '../export/export.ts'
import { RUN } from './arguments.ts'

export const exportRun: CommandSpec = {
  name: 'export',
  group: 'Journal',
  summary: 'one run as a report in HTML, a trace for Perfetto, or a Mermaid diagram',
  examples: [
    ['perdure export @failed --html --out failed.html', 'one file that needs nothing else'],
    ['perdure export order-17 --chrome-trace > trace.json', 'to open on ui.perfetto.dev'],
    ['perdure export order-17 --mermaid', 'the steps it took, as a flowchart of Mermaid'],
  ],
  notes: `What is marked as secret is masked, unless --show-secrets is given: look at a report before
you hand it on. A file that is there is written anew.`,
  takes: command =>
    command
      .argument('<run>', RUN)
      .option('--html', 'one document, without scripts and without anything to load')
      .option('--chrome-trace', 'trace events, JSON')
      .option('--mermaid', 'a flowchart of Mermaid: what it did after what')
      .option('--gantt', 'a Gantt chart of Mermaid: what it did when')
      .option('--out <file>', 'where to (default: stdout)'),
  run: async (context, [run], options: ExportOptions) =>
    (await import('../export/export.ts')).exportRun(context, String(run), options),
}
