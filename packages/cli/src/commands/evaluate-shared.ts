import type { ReportEvents } from '@arcface/evaluate/run'
import type { Command } from 'commander'
import { DEFAULT_MODEL } from '../model/open.js'
import { printable, warn, writeErr } from '../terminal/printable.js'
import { repeated } from '../terminal/repeated.js'

/** What a reader must know of a TAR at a FAR that no impostor reached: that it stands for a smaller one. */
export const tooFew = ({ reachedFar }: { readonly reachedFar: number }): string =>
  reachedFar === 0 ? '; no impostor accepted, so perhaps too few for this FAR' : ''

/** Tells of a report that is written. */
export const reportEvents: ReportEvents = {
  onFile: (path) => writeErr(`${printable(path)}\n`),
  onWarning: warn,
}

/** The options that say which model and what is scored; see `acrossOrPairs`. */
export const addPairSource = (command: Command): Command =>
  command
    .option('--model <model>', 'a model pack, an ONNX file or a run folder', DEFAULT_MODEL)
    .option(
      '--images <dir>',
      'where name/name_0001.jpg lies; several times, and all pairs across people: without --pairs',
      repeated,
    )
    .option('--pairs <file>', "a list in the format of LFW's pairs.txt, or a .bin: these pairs")

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
