import type { Payments } from './order.ts'

interface Request {
  readonly key: string | undefined
}

/** A payment provider in memory, which remembers all that it did. */
export class Provider implements Payments {
  readonly charges: (Request & { readonly cents: number })[] = []
  readonly refunds: (Request & { readonly charge: string })[] = []

  async charge(cents: number, key?: string): Promise<string> {
    return `ch_${placeOf({ cents, key }, this.charges)}`
  }

  async refund(charge: string, key?: string): Promise<void> {
    placeOf({ charge, key }, this.refunds)
  }
}

/** Does what is asked, unless it was done under that key. */
function placeOf<Asked extends Request>(asked: Asked, done: Asked[]): number {
  const known = done.findIndex(({ key }) => key !== undefined && key === asked.key)
  return known >= 0 ? known : done.push(asked) - 1
}
