/** Where an engine writes what people should know. The shape of pino: facts first. */
export interface Logger {
  /** What is of use for finding a fault. */
  debug(facts: object, message: string): void
  /** What happened, as it should. */
  info(facts: object, message: string): void
  /** What somebody should look at. */
  warn(facts: object, message: string): void
  /** What keeps the engine or a run from going on. */
  error(facts: object, message: string): void
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
