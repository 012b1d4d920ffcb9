import { createHash } from 'node:crypto'
import type { FilesError } from '@arcface/files'
import type { DataError } from '../errors.js'
import { decodeImage, isImageError } from '../images/decode.js'
import { type ImageRef, imageName, type NamedBytes } from '../images/source.js'

/** People with their images: of folders or records, see `openFolders`; or of pairs, whose images may be bytes. */
export interface People {
  /** Names; the position is the label. */
  readonly classes: readonly string[]
  readonly samples: readonly ((ImageRef | NamedBytes) & { readonly label: number })[]
}

export interface CheckOptions {
  /** People with fewer images are listed. Default 2. */
  minImages?: number
  /** Called with the number of images done and of all. */
  onProgress?: (done: number, total: number) => void
}

/** What is wrong with a data set; images by `imageName`. */
export interface CheckResult {
  people: number
  images: number
  /** Images that cannot be decoded, and why. */
  corrupt: { image: string; message: string }[]
  /** Images of the same pixels, whatever their encoding. */
  duplicates: { images: string[]; people: string[] }[]
  /** People with fewer images than `minImages`, the corrupt ones not counted. */
  few: { name: string; images: number }[]
}

const AT_ONCE = 8

/**
 * Decodes every image of a data set and compares their pixels by SHA-256. Memory: some 100 bytes an image.
 *
 * @throws only what is no fault of an image
 */
export async function checkImages(
  { classes, samples }: People,
  { minImages = 2, onProgress }: CheckOptions = {},
): Promise<CheckResult> {
  const corrupt: CheckResult['corrupt'] = []
  const good = new Uint32Array(classes.length)
  const first = new Map<string, number>()
  const copies = new Map<number, number[]>()
  for (let start = 0; start < samples.length; start += AT_ONCE) {
    const part = samples.slice(start, start + AT_ONCE)
    const digests = await Promise.all(part.map(digest))
    digests.forEach((found, i) => {
      const index = start + i
      const { label } = part[i]!
      if (typeof found !== 'string') {
        corrupt.push({ image: imageName(part[i]!), message: found.message })
        return
      }
      good[label]!++
      const known = first.get(found)
      if (known === undefined) first.set(found, index)
      else copies.set(known, [...(copies.get(known) ?? [known]), index])
    })
    onProgress?.(start + part.length, samples.length)
  }
  return {
    people: classes.length,
    images: samples.length,
    corrupt,
    duplicates: [...copies.values()].map((group) => ({
      images: group.map((i) => imageName(samples[i]!)),
      people: [...new Set(group.map((i) => classes[samples[i]!.label]!))],
    })),
    few: classes.flatMap((name, label) =>
      good[label]! < minImages ? [{ name, images: good[label]! }] : [],
    ),
  }
}

async function digest(image: ImageRef | NamedBytes): Promise<string | DataError | FilesError> {
  try {
    return createHash('sha256')
      .update(await decodeImage(image))
      .digest('base64')
  } catch (error) {
    if (isImageError(error)) return error
    throw error
  }
}
