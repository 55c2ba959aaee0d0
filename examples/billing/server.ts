import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import type { LedgerLine, Provider } from './provider.ts'

/** The provider behind HTTP. `GET /ledger` shows its books; every other request is a POST. */
export const serve = (provider: Provider, onLine: (line: LedgerLine) => void = () => {}): Server =>
  createServer((request, response) => {
    if (request.url === '/ledger') response.end(JSON.stringify(provider.ledger))
    // A caller that dies in the middle of its request has asked for nothing.
    else answer(provider, onLine, request, response).catch(() => response.destroy())
  })

/** Listens on a free port of this machine. Resolves to the server's address. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}`
}

async function answer(
  provider: Provider,
  onLine: (line: LedgerLine) => void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { customer, cents } = await body(request)
  const idempotencyKey = String(request.headers['idempotency-key'])
  const reply = provider.handle({ path: request.url ?? '/', idempotencyKey, customer, cents })
  const line = provider.ledger.at(-1)
  if (line !== undefined) onLine(line)
  // No reply: the caller is left waiting.
  if (reply === undefined) return
  response.statusCode = reply.status
  response.end(JSON.stringify(reply.body))
}

async function body(request: IncomingMessage): Promise<{ customer: string; cents: number }> {
  const { customer, cents } = (await json(request)) as Record<string, unknown>
  return { customer: String(customer), cents: Number(cents) }
}
