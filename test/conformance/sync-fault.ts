import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

// No syscall of one's own process can be made to fail but from below: by a library between LevelDB
// and that of C, for one call of fdatasync whenever the file is there.
const SOURCE = `
  #define _GNU_SOURCE
  #include <dlfcn.h>
  #include <errno.h>
  #include <stdlib.h>
  #include <unistd.h>
  int fdatasync(int fd) {
    const char *fault = getenv("PERDURE_SYNC_FAULT");
    if (fault != NULL && unlink(fault) == 0) { errno = EIO; return -1; }
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return next(fd);
  }
`

/** The environment in which LevelDB's syncs fail on demand; `undefined` without a C compiler. */
export function syncFaults(dir: string): Record<string, string> | undefined {
  if (process.platform !== 'linux') return undefined
  const [source, library] = [join(dir, 'fault.c'), join(dir, 'fault.so')]
  try {
    writeFileSync(source, SOURCE)
    execFileSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl'], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  return { LD_PRELOAD: library, PERDURE_SYNC_FAULT: join(dir, 'fail') }
}
