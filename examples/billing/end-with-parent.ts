/** Ends this process when the one that started it is gone, however that came about. */
export function endWithParent(): void {
  process.on('disconnect', () => process.exit(1))
  // Watching the parent is no reason to stay when there is nothing else to do.
  process.channel?.unref()
}
