import { isAbsolute, relative, resolve } from 'node:path'
import { forEachLine, OutputFile } from '@arcface/files'
import { DataError } from '../errors.js'
import type { ImageRef } from '../images/source.js'
import { listField } from './field.js'

/** One spelling for each image, whatever the working folder. */
export const imageKey = ({ path, offset }: ImageRef): string =>
  offset === undefined ? resolve(path) : `${resolve(path)}\t${offset}`

/**
 * Writes a list of images that `openFolders` takes as `list`: a path a line, for a record of a `.rec` a tab and its
 * first byte after it. Paths below the working folder are written relative to it.
 * @throws FilesError FILES_WRITE; DataError DATA_LIST for a path with a tab or line break
 */
export function writeImageList(path: string, images: Iterable<ImageRef>): void {
  using file = new OutputFile(path)
  for (const { path: image, offset } of images) {
    const below = relative('.', listField(image))
    const name = below.startsWith('..') || isAbsolute(below) ? image : below
    file.write(offset === undefined ? `${name}\n` : `${name}\t${offset}\n`)
  }
  file.commit()
}

/** The keys of the images of a list. @throws FilesError FILES_READ, FILES_LINE; DataError DATA_LIST */
export function readImageList(path: string): Set<string> {
  const keys = new Set<string>()
  forEachLine(path, (bytes, start, end, line) => {
    const [name, offset, ...more] = bytes.toString('utf8', start, end).split('\t')
    if (more.length > 0 || (offset !== undefined && !/^\d+$/.test(offset)))
      throw new DataError(
        'DATA_LIST',
        `${path}, line ${line}: an image is a path, or a path, a tab and the first byte of its record.`,
      )
    keys.add(imageKey({ path: name!, ...(offset !== undefined && { offset: Number(offset) }) }))
  })
  return keys
}
