import { isAbsolute, relative, resolve } from 'node:path'
import { forEachLine, OutputFile } from '@arcface/files'
import { DataError } from '../errors.js'
import type { ImageRef } from '../images/source.js'
import { listField } from './field.js'

/** One spelling for each image, whatever the working folder. */
export const imageKey = ({ path, offset }: ImageRef): string =>
  offset === undefined ? resolve(path) : `${resolve(path)}\t${offset}`

/** An image of a list, and where it belongs to somebody else than whose folder it lies in, the name of that person. */
export type ListedImage = ImageRef & { readonly person?: string | undefined }

/**
 * Writes a list of images that `openFolders` takes as `list`: a path a line, for a record of a `.rec` a tab and its
 * first byte after it, and for an image that is moved to another person a second tab and that person's name. Paths below
 * the working folder are written relative to it.
 * @throws FilesError FILES_WRITE; DataError DATA_LIST for a path or name with a tab or line break
 */
export function writeImageList(path: string, images: Iterable<ListedImage>): void {
  using file = new OutputFile(path)
  for (const { path: image, offset, person } of images) {
    const below = relative('.', listField(image))
    const name = below.startsWith('..') || isAbsolute(below) ? image : below
    const fields = person === undefined ? [offset] : [offset ?? '', listField(person)]
    file.write(`${[name, ...fields.filter((field) => field !== undefined)].join('\t')}\n`)
  }
  file.commit()
}

/**
 * The keys of the images of a list, each with the name of the person to whom it is moved, or null.
 * @throws FilesError FILES_READ, FILES_LINE; DataError DATA_LIST
 */
export function readImageList(path: string): Map<string, string | null> {
  const images = new Map<string, string | null>()
  forEachLine(path, (bytes, start, end, line) => {
    const [name, offset, person, ...more] = bytes.toString('utf8', start, end).split('\t')
    const wrong =
      more.length > 0 ||
      person === '' ||
      !/^\d*$/.test(offset ?? '') ||
      (offset === '' && person === undefined)
    if (wrong)
      throw new DataError(
        'DATA_LIST',
        `${path}, line ${line}: an image is a path, after a tab the first byte of its record, and after another the person it is moved to.`,
      )
    const key = imageKey({ path: name!, ...(offset && { offset: Number(offset) }) })
    images.set(key, person ?? null)
  })
  return images
}
