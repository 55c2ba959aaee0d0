import type { FileHandle } from 'node:fs/promises'

/** Reads `length` bytes at `position`; fewer only when the file ends before. */
export async function readSlice(
  file: FileHandle,
  position: number,
  length: number,
): Promise<Uint8Array> {
  const into = new Uint8Array(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(into, filled, length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return into.subarray(0, filled)
}
