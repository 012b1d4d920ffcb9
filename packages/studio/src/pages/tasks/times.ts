import type { ListedTask } from '../../tasks/task.js'

/** Seconds that a task has run until now, or ran in all; null: it has not begun. */
export function secondsOf({ started, ended }: ListedTask, now: number): number | null {
  if (started === null) return null
  const end = ended === null ? now : Date.parse(ended)
  return Math.max(0, (end - Date.parse(started)) / 1000)
}
