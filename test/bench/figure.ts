/** One measured figure, beside what the machine does at best in the same run. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** To the floor of the same run; 1 is as good as the floor. */
  readonly ratio?: number
  /** What is wanted of the ratio, or of the value if there is none. */
  readonly goal?: string
}

export function print({ name, value, unit, ratio, goal }: Figure): void {
  const shown = value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2)
  const compared = ratio === undefined ? '' : `  ratio ${ratio.toFixed(2)}`
  const wanted = goal === undefined ? '' : `  (goal ${goal})`
  console.log(`${name.padEnd(52)} ${shown.padStart(12)} ${unit}${compared}${wanted}`)
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
