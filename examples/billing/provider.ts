/** How a request to charge is treated. `hang` gives no answer; `charge and hang` takes the money first. */
export type Conduct = 'charge' | 'decline' | 'fail' | 'hang' | 'charge and hang'

export interface Request {
  readonly path: string
  readonly idempotencyKey: string
  readonly customer: string
  readonly cents: number
}

export interface Reply {
  readonly status: number
  readonly body: unknown
}

/** One line of the ledger: a request and what came of it. Lines are never changed or removed. */
export interface LedgerLine extends Request {
  readonly outcome: Outcome
  /** Present when money was taken. */
  readonly charge?: string
}

export type Outcome =
  | 'charged'
  | 'charged, but no answer'
  | 'declined'
  | 'error 503'
  | 'no answer'
  | 'done'
  | 'same request: same answer'
  | 'refused: key of another request'

interface Answered {
  readonly request: string
  readonly reply: Reply
}

/**
 * A payment provider that also keeps our database and sends our mail, and fails on purpose. As real
 * ones do, it knows a repeated request by its idempotency key and gives the answer it gave before.
 */
export class Provider {
  readonly ledger: LedgerLine[] = []
  readonly #conduct: ReadonlyMap<string, readonly Conduct[]>
  readonly #answered = new Map<string, Answered>()
  readonly #asked = new Map<string, number>()

  /** Conduct by customer: for the first new request to charge, the second, ...; the last one stays. */
  constructor(conduct: ReadonlyMap<string, readonly Conduct[]>) {
    this.#conduct = conduct
  }

  /** `undefined`: no answer is given. */
  handle(request: Request): Reply | undefined {
    const known = this.#answered.get(request.idempotencyKey)
    if (known === undefined) {
      return request.path === '/charge' ? this.#charge(request) : this.#accept(request)
    }
    if (known.request !== JSON.stringify(request)) {
      this.#note(request, 'refused: key of another request')
      return { status: 422, body: { error: 'this key belongs to another request' } }
    }
    this.#note(request, 'same request: same answer')
    return known.reply
  }

  #charge(request: Request): Reply | undefined {
    switch (this.#nextConduct(request.customer)) {
      case 'charge':
        return this.#takeMoney(request, 'charged')
      case 'charge and hang':
        this.#takeMoney(request, 'charged, but no answer')
        return undefined
      case 'decline':
        this.#note(request, 'declined')
        return this.#settle(request, 402, { succeeded: false, reason: 'insufficient funds' })
      case 'fail':
        this.#note(request, 'error 503')
        return { status: 503, body: { error: 'come back later' } }
      case 'hang':
        this.#note(request, 'no answer')
        return undefined
    }
  }

  #takeMoney(request: Request, outcome: Outcome): Reply {
    const charge = `charge-${this.ledger.length + 1}`
    this.#note(request, outcome, charge)
    return this.#settle(request, 201, { succeeded: true, id: charge, cents: request.cents })
  }

  #accept(request: Request): Reply {
    this.#note(request, 'done')
    return this.#settle(request, 200, {})
  }

  #nextConduct(customer: string): Conduct {
    const conduct = this.#conduct.get(customer) ?? []
    const asked = this.#asked.get(customer) ?? 0
    this.#asked.set(customer, asked + 1)
    return conduct[asked] ?? conduct.at(-1) ?? 'charge'
  }

  #settle(request: Request, status: number, body: unknown): Reply {
    const reply = { status, body }
    this.#answered.set(request.idempotencyKey, { request: JSON.stringify(request), reply })
    return reply
  }

  #note(request: Request, outcome: Outcome, charge?: string): void {
    this.ledger.push({ ...request, outcome, ...(charge !== undefined && { charge }) })
  }
}
