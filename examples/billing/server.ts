import { createServer, type IncomingMessage, type Server } from 'node:http'
import { json } from 'node:stream/consumers'
import type { LedgerLine, Provider } from './provider.ts'

/** The provider behind HTTP. `GET /ledger` shows its books; every other request is a POST. */
export const serve = (provider: Provider, onLine: (line: LedgerLine) => void = () => {}): Server =>
  createServer(async (request, response) => {
    if (request.url === '/ledger') {
      response.end(JSON.stringify(provider.ledger))
      return
    }
    const reply = provider.handle({
      path: request.url ?? '/',
      idempotencyKey: String(request.headers['idempotency-key']),
      ...(await body(request)),
    })
    const line = provider.ledger.at(-1)
    if (line !== undefined) onLine(line)
    // No reply: the caller is left waiting.
    if (reply === undefined) return
    response.statusCode = reply.status
    response.end(JSON.stringify(reply.body))
  })

/** Listens on a free port of this machine. Resolves to the server's address. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}`
}

async function body(request: IncomingMessage): Promise<{ customer: string; cents: number }> {
  const { customer, cents } = (await json(request)) as Record<string, unknown>
  return { customer: String(customer), cents: Number(cents) }
}
