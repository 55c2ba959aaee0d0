/** Without what makes node itself slow to begin: more certificates to read, flags, hooks. */
export function plainEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^NODE_/.test(name)))
}
