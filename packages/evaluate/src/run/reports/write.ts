import { join } from 'node:path'
import { type ImageSource, imageUrl } from '@arcface/data'
import { makeFolder, OutputFile } from '@arcface/files'
import type { PicturedPair, PicturedPairs } from '../../report/index.js'
import type { worstPairs } from '../../verification/worst.js'

/** What is told while a report is written. */
export interface ReportEvents {
  /** Of each file that was written. */
  readonly onFile?: ((path: string) => void) | undefined
  readonly onWarning?: ((text: string) => void) | undefined
}

/** Writes files into a folder, which is made where it is missing. @throws FilesError FILES_WRITE, FILES_DISK_FULL */
export function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Iterable<string>>>,
  { onFile }: ReportEvents,
): void {
  makeFolder(folder)
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    using file = new OutputFile(path)
    for (const piece of typeof text === 'string' ? [text] : text) file.write(piece)
    file.commit()
    onFile?.(path)
  }
}

/** An image, and what a report calls it. */
export interface NamedImage {
  readonly name: string
  readonly image: ImageSource
}

/**
 * Worst pairs with their pictures, as these are stored: aligned faces are small enough to stand in a page.
 * @param of the two images of a pair
 */
export function pictured(
  { falseMatches, misses }: ReturnType<typeof worstPairs>,
  of: (pair: number) => readonly [NamedImage, NamedImage],
): PicturedPairs {
  const picture = ({ name, image }: NamedImage) => ({ name, source: imageUrl(image) })
  const both = (worst: typeof misses): PicturedPair[] =>
    worst.map((one) => {
      const [first, second] = of(one.pair)
      return { ...one, first: picture(first), second: picture(second) }
    })
  return { falseMatches: both(falseMatches), misses: both(misses) }
}
