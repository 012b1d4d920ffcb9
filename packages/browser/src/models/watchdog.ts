/**
 * A signal that also fires when nothing comes for too long. (`AbortSignal.any` is younger than some browsers
 * that have all the rest.)
 * @param first milliseconds until something comes
 * @param between milliseconds from one piece to the next
 */
export function watchdog(signal: AbortSignal, first: number, between: number) {
  const watched = new AbortController()
  const abort = () => watched.abort(signal.reason)
  signal.addEventListener('abort', abort)
  const start = (ms: number) =>
    setTimeout(() => watched.abort(new Error(`nothing came for ${ms / 1000} s`)), ms)
  let timer = start(first)
  return {
    signal: watched.signal,
    alive: () => {
      clearTimeout(timer)
      timer = start(between)
    },
    stop: () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    },
  }
}

export type Watch = ReturnType<typeof watchdog>
