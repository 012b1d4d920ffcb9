import { join } from 'node:path'
import type { ImageSource } from '@arcface/data'
import type { PicturedPair, PicturedPairs, worstPairs } from '@arcface/evaluate/report'
import { printable, writeErr } from '../printable.js'

/** Writes files into a folder, which is made where it is missing, and tells of them. */
export async function writeFiles(
  folder: string,
  files: Record<string, string | Iterable<string>>,
): Promise<void> {
  const { makeFolder, OutputFile } = await import('@arcface/files')
  makeFolder(folder)
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    using file = new OutputFile(path)
    for (const piece of typeof text === 'string' ? [text] : text) file.write(piece)
    file.commit()
    writeErr(`${printable(path)}\n`)
  }
}

/**
 * Worst pairs with their pictures, as these are stored: aligned faces are small enough to stand in a page.
 * @param of the two images of a pair and what they are called
 */
export async function pictured(
  { falseMatches, misses }: ReturnType<typeof worstPairs>,
  of: (pair: number) => readonly [Named, Named],
): Promise<PicturedPairs> {
  const { imageUrl } = await import('@arcface/data')
  const picture = ({ name, image }: Named) => ({ name, source: imageUrl(image) })
  const both = (worst: typeof misses): PicturedPair[] =>
    worst.map((one) => {
      const [first, second] = of(one.pair)
      return { ...one, first: picture(first), second: picture(second) }
    })
  return { falseMatches: both(falseMatches), misses: both(misses) }
}

export interface Named {
  readonly name: string
  readonly image: ImageSource
}
