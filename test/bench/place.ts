import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Works in a directory on the disk that temporary files are on, and removes it. */
export async function inDirectory<Result>(
  work: (path: string) => Promise<Result>,
): Promise<Result> {
  const path = mkdtempSync(join(tmpdir(), 'perdure-bench-'))
  try {
    return await work(join(path, 'journal'))
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}
