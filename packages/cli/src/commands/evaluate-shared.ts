import type { ReportEvents } from '@arcface/evaluate/run'
import type { Command } from 'commander'
import { printable, warn, writeErr } from '../terminal/printable.js'

/** What a reader must know of a TAR at a FAR that no impostor reached: that it stands for a smaller one. */
export const tooFew = ({ reachedFar }: { readonly reachedFar: number }): string =>
  reachedFar === 0 ? '; no impostor accepted, so perhaps too few for this FAR' : ''

/** Tells of a report that is written. */
export const reportEvents: ReportEvents = {
  onFile: (path) => writeErr(`${printable(path)}\n`),
  onWarning: warn,
}

/** What is scored: the pairs of a list, or all pairs across the people of folders; ends the command where it is neither. */
export function acrossOrPairs(
  { images = [], pairs, detector }: { images?: string[]; pairs?: string; detector?: string },
  command: Command,
): { readonly images: readonly string[]; readonly pairs: string | undefined } {
  if (pairs === undefined && images.length === 0)
    command.error('error: give --pairs, or --images for all pairs across the people of a folder')
  if (pairs !== undefined && images.length > 1)
    command.error('error: a list of pairs has one folder of images')
  if (pairs !== undefined && detector !== undefined)
    command.error('error: a list of pairs is of aligned faces, for which there is no --detector')
  return { images, pairs }
}
