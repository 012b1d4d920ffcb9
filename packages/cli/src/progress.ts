import { redraw, writeErr } from './printable.js'

const WIDTH = 24

/**
 * `[######------] 12 of 200 photographs, 3.1/s, 61 s left`.
 * @param since how many were done when the clock started
 * @param seconds since then
 */
export function progressLine(
  what: string,
  done: number,
  total: number,
  since: number,
  seconds: number,
): string {
  const full = total > 0 ? Math.floor((WIDTH * done) / total) : WIDTH
  const bar = `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}] ${done} of ${total} ${what}`
  const rate = (done - since) / seconds
  if (!(seconds >= 1 && rate > 0)) return bar
  const left = done < total ? `, ${time((total - done) / rate)} left` : ''
  return `${bar}, ${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s${left}`
}

function time(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 100 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
}

/** Says that the result is a part; fails, so that a script does not go on with it. */
export function endInterrupted(): void {
  writeErr('interrupted: the same command goes on\n')
  process.exitCode = 1
}

/** Between two drawings, in ms: a terminal is slower than what it tells of. */
const PAUSE = 100

/** A bar on stderr, where that is a terminal; its last state stays. */
export function progress(what: string): (done: number, total: number) => void {
  let [since, started, drawn] = [-1, 0, 0]
  return (done, total) => {
    if (!process.stderr.isTTY) return
    const now = performance.now()
    if (since < 0) [since, started] = [done, now]
    if (done < total && now - drawn < PAUSE) return
    drawn = now
    const line = progressLine(what, done, total, since, (now - started) / 1000)
    redraw(`${line}${done === total ? '\n' : ''}`)
  }
}
