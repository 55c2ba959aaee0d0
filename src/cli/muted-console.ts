const METHODS = ['log', 'info', 'debug', 'warn', 'error', 'table', 'dir', 'trace'] as const

/** Does work in which code of the user's prints nothing: what is on stdout is for programs. */
export async function withMutedConsole<Result>(work: () => Promise<Result>): Promise<Result> {
  const before = METHODS.map(name => [name, console[name]] as const)
  for (const name of METHODS) console[name] = () => {}
  try {
    return await work()
  } finally {
    for (const [name, method] of before) console[name] = method
  }
}
