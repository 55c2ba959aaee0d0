/** Work of the processor that an input may take: as wall time, other processes would count. */
const HANG_MS = 100
/** Whoever does nothing, and does not end either. */
const STUCK_MS = 20_000
const TRIES = 6

/** Milliseconds of the processor that the work took. What it throws, it throws. */
async function spent(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  let timer: NodeJS.Timeout | undefined
  const stuck = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${STUCK_MS} ms`)), STUCK_MS)
  })
  await Promise.race([work(), stuck]).finally(() => clearTimeout(timer))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

/**
 * Fails for work that takes too long. Garbage of others may fall to it, and code that was never run is
 * slow: what is slow by itself is so again and again. `afresh` makes things as they were before it.
 */
export async function soon(work: () => Promise<void>, afresh?: () => Promise<void>): Promise<void> {
  let least = await spent(work)
  for (let tries = 1; least > HANG_MS && tries < TRIES; tries++) {
    await afresh?.()
    least = Math.min(least, await spent(work))
  }
  if (least > HANG_MS) throw new Error(`took ${Math.round(least)} ms of the processor`)
}
