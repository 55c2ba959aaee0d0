import type { EngineClient } from '../control/engine-client.ts'
import { type Exit, exit } from './exit.ts'
import type { Io } from './io.ts'

/** Work that goes on until it is interrupted: Ctrl-C, or the reader of what it prints is gone. */
export async function untilInterrupted<Result>(
  { out, interrupt }: Pick<Io, 'out' | 'interrupt'>,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController()
  const stop = (): void => controller.abort()
  // Once: the second Ctrl-C ends a command that does not obey.
  if (interrupt === undefined) process.once('SIGINT', stop)
  else interrupt.addEventListener('abort', stop, { once: true })
  out.gone.addEventListener('abort', stop, { once: true })
  if (interrupt?.aborted === true || out.isClosed) stop()
  try {
    return await work(controller.signal)
  } finally {
    process.off('SIGINT', stop)
    interrupt?.removeEventListener('abort', stop)
    out.gone.removeEventListener('abort', stop)
  }
}

/**
 * Waits for what an engine does, until it is interrupted: then the connection is given up, and with it
 * all that was asked on it. Whatever goes on in the engine goes on.
 */
export function unlessInterrupted(
  io: Pick<Io, 'out' | 'interrupt'>,
  client: EngineClient | undefined,
  work: () => Promise<Exit>,
): Promise<Exit> {
  return untilInterrupted(io, async signal => {
    const forget = onAbort(signal, () => void client?.close())
    try {
      return await work()
    } catch (error) {
      if (!signal.aborted) throw error
      return io.out.isClosed ? exit.ok : exit.interrupted
    } finally {
      forget()
    }
  })
}

/** Calls it when the signal aborts, or now if it has. Gives what takes it back. */
export function onAbort(signal: AbortSignal, stop: () => void): () => void {
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  return () => signal.removeEventListener('abort', stop)
}

/** Resolves after a while, or as soon as it is interrupted. */
export function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const stop = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve()
    }
    const timer = setTimeout(stop, signal.aborted ? 0 : ms)
    signal.addEventListener('abort', stop, { once: true })
  })
}
