import { customers } from './customers.ts'
import { endWithParent } from './end-with-parent.ts'
import { type LedgerLine, Provider } from './provider.ts'
import { listen, serve } from './server.ts'

/** The payment service: a process of its own. Tells the one that started it what happens. */
export type ServiceNews = { readonly url: string } | { readonly line: LedgerLine }

const tell = (news: ServiceNews): void => void process.send?.(news)

endWithParent()
const provider = new Provider(new Map(customers.map(({ name, conduct }) => [name, conduct])))
const server = serve(provider, line => tell({ line }))
tell({ url: await listen(server) })
