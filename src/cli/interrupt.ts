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
