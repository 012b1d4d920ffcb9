import { writeErr } from './printable.js'

/** Ctrl-C, a scheduler's end of time, a terminal that was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Hears what asks this process to end, which then does not end by itself. @returns hears no more */
export function onSignals(heard: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of SIGNALS) process.on(signal, heard)
  return () => {
    for (const signal of SIGNALS) process.off(signal, heard)
  }
}

/**
 * Work that the first signal asks to end where it can go on later; a second one ends the process.
 * @param told what is said then
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  told = 'Interrupted: finishing what is in work ...',
): Promise<T> {
  const stop = new AbortController()
  const silence = onSignals(() => {
    silence()
    writeErr(`\n${told}\n`)
    stop.abort()
  })
  try {
    return await work(stop.signal)
  } finally {
    silence()
  }
}

/** Says that the result is a part; fails, so that a script does not go on with it. */
export function endInterrupted(): void {
  writeErr('interrupted: the same command goes on\n')
  process.exitCode = 1
}
