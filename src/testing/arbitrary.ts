/** An arbitrary of fast-check, as far as it is needed: it makes a value from numbers it asks for. */
export interface Arbitrary<Value = unknown> {
  /** Makes a value out of random numbers. */
  // biome-ignore lint/suspicious/noExplicitAny: fast-check's own class of random numbers.
  generate(random: any, biasFactor: number | undefined): { readonly value: Value }
}

export const isArbitrary = (value: unknown): value is Arbitrary =>
  typeof value === 'object' &&
  value !== null &&
  'generate' in value &&
  typeof value.generate === 'function' &&
  'shrink' in value
