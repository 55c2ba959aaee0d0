/** How large one value may be. */
export interface ValueLimits {
  /** Encoded bytes. Default 1 MiB, never more than 16 MiB. */
  readonly bytes?: number
  /** Objects inside objects; `[1]` is 1, `[[1]]` is 2. Default 64, never more than 256. */
  readonly depth?: number
}

const BYTES_DEFAULT = 1 << 20
export const BYTES_MOST = 16 << 20
const DEPTH_DEFAULT = 64
export const DEPTH_MOST = 256

/** An object of a value becomes at most a tag, its array, and a tag at the leaf. */
export const NODE_DEPTH_MOST = 2 * DEPTH_MOST + 2

export const bytesLimit = (limits: ValueLimits | undefined): number =>
  Math.min(limits?.bytes ?? BYTES_DEFAULT, BYTES_MOST)

export const depthLimit = (limits: ValueLimits | undefined): number =>
  Math.min(limits?.depth ?? DEPTH_DEFAULT, DEPTH_MOST)
