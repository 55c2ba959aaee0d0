import { chmodSync } from 'node:fs'

// What the package's `bin` names has to be executable; the compiler does not know.
chmodSync(new URL('../dist/src/cli/main.js', import.meta.url), 0o755)
