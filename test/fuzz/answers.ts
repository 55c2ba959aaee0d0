import { loadInMemory } from '../../journal/load.ts'
import { records } from '../../src/cli/records/all.ts'
import { errorRecord } from '../../src/cli/records/error.ts'
import type { Said } from '../cli/perdure.ts'

const byKind = new Map<unknown, (typeof records)[number]>(
  records.map(record => [record.shape.kind.value, record]),
)

/** All that are documented, but for an unexpected failure. */
const DOCUMENTED = [0, 2, 3, 4, 5, 6, 7, 8, 130]

/** Throws for what no command may say, whatever it is asked. */
export async function mustBeAnAnswer(
  args: readonly string[],
  said: Said & { readonly isClosed: boolean },
): Promise<void> {
  const { status, out, err, isClosed } = said
  // Whether something is wrong with the machine is what it is asked.
  const isDoctor = args.includes('doctor')
  must(DOCUMENTED.includes(status) || (isDoctor && status === 1), `status ${status}`)
  // What was asked with may be quoted.
  const isQuoted = args.some(arg => arg.includes('INTERNAL'))
  const defect = /^\s+at .*\(.*:\d+:\d+\)$/m.test(err) || (!isQuoted && /\bINTERNAL\b/.test(err))
  must(!defect, 'a defect')
  must(status === 0 || status === 130 || isClosed || `${out}${err}` !== '', 'nothing is said')
  for (const line of err.split('\n')) {
    if (line.startsWith('{"v"')) mustBeError(line, status)
    else mustBePlain(line)
  }
  if (out === '' || /^(-h|--help|help|-V|--version)$/m.test(args.join('\n'))) return
  const [format, isPicked] = [formatOf(args), args.some(arg => arg.startsWith('--fields'))]
  if (args.includes('dump') && !args.includes('--as')) return mustBeDump(args, said)
  if (args.some(arg => /^--(html|chrome-trace|mermaid|gantt|as)\b/.test(arg))) return
  if (args.includes('schema')) return void JSON.parse(out)
  if (format === 'table' || format === 'plain' || args.includes('completion')) {
    return mustBePlain(out)
  }
  const lines = out.split('\n')
  must(lines.pop() === '', 'the last line has no end')
  // Of what has no end, and of each run that was waited for, there is a line.
  const isOne = format === 'json' && !args.includes('tail') && !args.includes('--wait')
  if (isOne) must(lines.length === 1, `${lines.length} lines of JSON`)
  for (const line of lines) mustBeRecord(JSON.parse(line), isPicked)
}

function mustBeRecord(record: unknown, isPicked: boolean): void {
  const { kind, of, items } = Object(record)
  if (isPicked && kind !== 'list') return
  const known = byKind.get(kind)
  must(known !== undefined, `a record of kind ${kind}`)
  known?.parse(record)
  if (kind !== 'list' || isPicked) return
  const item = byKind.get(of)
  must(item !== undefined, `a list of ${of}`)
  for (const each of items) item?.parse(each)
}

function mustBeError(line: string, status: number): void {
  const { exit } = errorRecord.parse(JSON.parse(line))
  must(exit === status, `says that it exits with ${exit}, and exits with ${status}`)
}

/** What is dumped can be loaded. */
async function mustBeDump(args: readonly string[], { status, out }: Said): Promise<void> {
  const isJson = formatOf(args) !== 'table' && formatOf(args) !== 'plain'
  if (!isJson && !args.includes('--anonymize')) return mustBePlain(out)
  if (status === 0) await (await loadInMemory([out])).close()
}

/** Nothing steers a terminal but colours, and what clears a line that is drawn again. */
function mustBePlain(text: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const left = text.replace(/\u001b\[[\d;]*m|\r\u001b\[2K/g, '')
  const control = /(?!\n|\t)\p{Cc}|\p{Bidi_Control}|\p{Cs}/u.exec(left)
  must(control === null, `${JSON.stringify(control?.[0])} in ${JSON.stringify(text.slice(0, 500))}`)
}

/** The last one that is asked for. */
function formatOf(args: readonly string[]): string {
  // What looks like a flag behind one that takes a value is that value.
  const flags = args.filter(
    (_, at) => !/^(-d|--(dir|fields|time|color|width))$/.test(args[at - 1] ?? ''),
  )
  const asked = flags.join('\n').match(/^--(json|plain)$|^(?:-o|--output)[\n=]?\w+$/gm) ?? []
  const last = asked.at(-1) ?? 'table'
  return last.replace(/^(?:--output|-o|--)[\n=]?/, '')
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}
