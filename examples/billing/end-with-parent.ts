/** Ends this process when the one that started it is gone, however that came about. */
export function endWithParent(): void {
  if (process.connected === false) process.exit(1)
  process.on('disconnect', () => process.exit(1))
  // Watching the parent is no reason to stay when there is nothing else to do.
  process.channel?.unref()
}
