import { type Drawing, Scatter } from './scatter.js'

/** What the worker is sent. */
export type ScatterJob =
  | { readonly canvas: OffscreenCanvas }
  | { readonly places: Float32Array<ArrayBuffer>; readonly colours: Uint8Array<ArrayBuffer> }
  | { readonly drawing: Drawing }

let scatter: Scatter | undefined
let wanted: Drawing | undefined
/** The next part of it; undefined: all is drawn. */
let next: number | undefined
let isAsked = false

addEventListener('message', ({ data: job }: MessageEvent<ScatterJob>) => {
  if ('canvas' in job) {
    try {
      scatter = new Scatter(job.canvas)
    } catch {
      postMessage('missing')
    }
  } else if ('places' in job) scatter?.setPoints(job.places, job.colours)
  else {
    wanted = job.drawing
    next = 0
    ask()
  }
})

/** A part a frame; of many movements before a frame the last is drawn. */
function ask(): void {
  if (isAsked) return
  isAsked = true
  requestAnimationFrame(() => {
    isAsked = false
    if (!scatter || !wanted || next === undefined) return
    next = scatter.draw(wanted, next)
    if (next !== undefined) ask()
  })
}
