import type { RunHandle } from 'perdure'

/** A run's entries, each as `<type> <step>`: `step.succeeded charge`. */
export async function story({ entries }: Pick<RunHandle, 'entries'>): Promise<string[]> {
  const steps = new Map<number, string>()
  const lines: string[] = []
  for await (const { seq, type, id, of } of entries()) {
    if (typeof id === 'string') steps.set(seq, id)
    const step = typeof of === 'number' ? steps.get(of) : id
    lines.push(typeof step === 'string' ? `${type} ${step}` : type)
  }
  return lines
}
