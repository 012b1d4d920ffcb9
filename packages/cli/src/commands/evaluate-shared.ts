import type { ReportEvents } from '@arcface/evaluate/run'
import { printable, warn, writeErr } from '../terminal/printable.js'

/** What a reader must know of a TAR at a FAR that no impostor reached: that it stands for a smaller one. */
export const tooFew = ({ reachedFar }: { readonly reachedFar: number }): string =>
  reachedFar === 0 ? '; no impostor accepted, so perhaps too few for this FAR' : ''

/** Tells of a report that is written. */
export const reportEvents: ReportEvents = {
  onFile: (path) => writeErr(`${printable(path)}\n`),
  onWarning: warn,
}
