/** Of a frame, for what is drawn: the rest is the browser's. */
const FRAME_MS = 6

const waiting = new Map<object, () => void>()
let isAsked = false

/** Draws a thing in one of the next frames, as many in a frame as there is time for; asked again, only the last work is done. */
export function inFrames(thing: object, work: () => void): void {
  waiting.set(thing, work)
  ask()
}

export const outOfFrames = (thing: object): void => void waiting.delete(thing)

function ask(): void {
  if (isAsked || waiting.size === 0) return
  isAsked = true
  requestAnimationFrame(() => {
    isAsked = false
    const end = performance.now() + FRAME_MS
    for (const [thing, work] of waiting) {
      waiting.delete(thing)
      work()
      if (performance.now() > end) break
    }
    ask()
  })
}
