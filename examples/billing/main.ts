import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine, type RunEntry } from 'perdure'
import type { Charge } from '../billing.ts'
import { audit, euros, type Finding } from './audit.ts'
import { type Child, Children } from './children.ts'
import { customers, invoiceOf } from './customers.ts'
import type { LedgerLine } from './provider.ts'
import type { ServiceNews } from './service.ts'
import { type Note, timeline } from './timeline.ts'

// The billing workflow of ../billing.ts against a payment service that fails on purpose. In the
// middle the engine is killed, at the worst moment there is, and started again.

const MOST_MS = 50_000

const children = new Children()
setTimeout(() => giveUp(`not over after ${MOST_MS / 1_000} s`), MOST_MS).unref()

const journal = await mkdtemp(join(tmpdir(), 'perdure-billing-'))
const notes: Note[] = []

const service = await startService()
const firstDue = new Date(Date.now() + 1_500)
say(`1. The payment service runs: process ${service.pid}, ${service.url}`)
say('   It fails on purpose, and it keeps a ledger of its own.\n')

const first = startEngine()
say(`2. The engine runs: process ${first.pid}, on the journal ${journal}`)
say(`   ${customers.length} invoices are about to fall due. A day lasts 1.4 seconds here.`)
say('   What the service is asked for, and what it does:\n')

await Promise.race([service.moneyTaken, first.ended])
note('the service has taken the money, and does not answer')
first.process.kill('SIGKILL')
note(`kill -9 ${first.pid}`)
const death = await first.ended
say(`\n3. kill -9 ${first.pid}: the money is taken, and the engine has died without knowing.`)

const second = startEngine()
note(`the engine starts again: process ${second.pid}`)
say(`   The engine starts again: process ${second.pid}, on the same journal.\n`)
const end = await second.ended
if (death !== 'SIGKILL' || end !== 'exit code 0') giveUp(`the engines ended: ${death}, ${end}`)

say('\n4. All runs have ended. What they say, and what the ledger of the service says:\n')
const ledger = (await (await fetch(`${service.url}/ledger`)).json()) as LedgerLine[]
const { findings, entries } = await readJournal()
for (const finding of findings) say(`   ${describe(finding)}`)

say('\n5. The run that was in the middle of its charge when the engine was killed:\n')
for (const line of timeline(entries, notes)) say(`   ${line}`)

say(`\nThe journal lies in ${journal}`)
say(`  npx perdure dump ${journal}      every run as a story`)
say(`  npx perdure verify ${journal}    every checksum\n`)

if (findings.some(({ faults }) => faults.length > 0)) giveUp('a promise was broken, see above')
say('Every customer who paid was charged once, and nobody else was charged.')
process.exit(0)

async function startService(): Promise<Child & { url: string; moneyTaken: Promise<void> }> {
  const child = children.start(new URL('./service.ts', import.meta.url))
  void child.ended.then(end => giveUp(`the payment service ended: ${end}`))
  const onNews = (hear: (news: ServiceNews) => void) => child.process.on('message', hear)
  onNews(news => {
    if ('line' in news) say(`   ${requestLine(news.line)}`)
  })
  const moneyTaken = new Promise<void>(resolve => {
    onNews(news => {
      if ('line' in news && news.line.outcome === 'charged, but no answer') resolve()
    })
  })
  const url = await new Promise<string>(resolve => {
    onNews(news => {
      if ('url' in news) resolve(news.url)
    })
  })
  return { ...child, url, moneyTaken }
}

function startEngine(): Child {
  const program = new URL('./engine.ts', import.meta.url)
  return children.start(program, journal, service.url, firstDue.toISOString())
}

async function readJournal(): Promise<{ findings: Finding[]; entries: RunEntry[] }> {
  await using engine = await openEngine({ path: journal, workflows: [] })
  const findings: Finding[] = []
  for (const customer of customers) {
    const run = await engine.run<Charge>(invoiceOf(customer, firstDue).number)
    findings.push(audit(customer, await run.result(), ledger))
  }
  const killed = await engine.run('invoice-barbara')
  const entries: RunEntry[] = []
  for await (const entry of killed.entries()) entries.push(entry)
  return { findings, entries }
}

function requestLine({ path, customer, cents, outcome }: LedgerLine): string {
  const amount = path === '/charge' ? euros(cents) : ''
  return [customer.padEnd(8), path.padEnd(16), amount.padStart(10), ` ${outcome}`].join(' ')
}

function describe({ customer, run, ledger, faults }: Finding): string {
  const verdict = faults.length === 0 ? 'ok' : `WRONG: ${faults.join('; ')}`
  return [customer.padEnd(8), run.padEnd(22), ledger.padEnd(34), verdict].join(' ')
}

function note(text: string): void {
  notes.push({ at: Date.now(), text })
}

function say(line: string): void {
  console.log(line)
}

function giveUp(reason: string): never {
  console.error(`\nNot as promised: ${reason}. The journal lies in ${journal}`)
  process.exit(1)
}
