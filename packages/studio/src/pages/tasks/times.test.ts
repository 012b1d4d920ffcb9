import { expect, it } from 'vitest'
import type { ListedTask } from '../../tasks/task.js'
import { secondsOf } from './times.js'

const task = (started: string | null, ended: string | null) => ({ started, ended }) as ListedTask
const now = Date.parse('2026-01-01T00:01:00Z')

it('counts from the beginning to the end, or until now', () => {
  expect(secondsOf(task(null, null), now)).toBeNull()
  expect(secondsOf(task('2026-01-01T00:00:00Z', null), now)).toBe(60)
  expect(secondsOf(task('2026-01-01T00:00:00Z', '2026-01-01T00:00:01.500Z'), now)).toBe(1.5)
  // The clocks of the server and of the browser differ.
  expect(secondsOf(task('2026-01-01T00:02:00Z', null), now)).toBe(0)
})
