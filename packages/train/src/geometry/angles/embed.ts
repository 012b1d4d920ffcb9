import { decodeImage, imageName, isImageError, type Sample } from '@arcface/data'
import type { EmbedFn } from '@arcface/evaluate'
import { IMAGE_BYTES } from '@arcface/vision'
import { TrainError } from '../../errors.js'
import type { Labelled } from './statistics.js'

/** A folder of people, as `openFolders` gives it. */
export interface People {
  /** What it is called in messages. */
  name: string
  classes: readonly string[]
  samples: readonly Sample[]
}

export interface Embedded extends Labelled {
  /** Position in `samples` of each row: images that cannot be decoded have none. */
  rows: number[]
  /** Images that could not be decoded. */
  skipped: string[]
}

const BATCH = 64

/**
 * Embeds images as they are, without flip or augmentation. `onProgress` is told the number done and of all.
 * @throws TrainError TRAIN_DATA if a person has no image that can be decoded
 */
export async function embedPeople(
  { name, classes, samples }: People,
  embed: EmbedFn,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Embedded> {
  const parts: Float32Array[] = []
  const labels: number[] = []
  const rows: number[] = []
  const skipped: string[] = []
  for (let start = 0; start < samples.length; start += BATCH) {
    const batch = samples.slice(start, start + BATCH)
    const decoded = await Promise.all(batch.map(decodeOrNull))
    const good = batch.flatMap((sample, i) => {
      const image = decoded[i]
      if (!image) skipped.push(imageName(sample))
      return image ? { image, label: sample.label, row: start + i } : []
    })
    const images = new Uint8Array(good.length * IMAGE_BYTES)
    good.forEach(({ image }, i) => {
      images.set(image, i * IMAGE_BYTES)
    })
    if (good.length > 0) parts.push(await embed(images, good.length))
    labels.push(...good.map(({ label }) => label))
    rows.push(...good.map(({ row }) => row))
    onProgress(start + batch.length, samples.length)
  }
  const present = new Set(labels)
  const missing = classes.find((_, label) => !present.has(label))
  if (missing !== undefined)
    throw new TrainError(
      'TRAIN_DATA',
      `${name}: no image of ${missing} can be decoded, so there is no angle to measure; mend or remove the folder`,
    )
  const embeddings = concat(parts)
  const dim = embeddings.length / labels.length
  return { embeddings, labels, dim, classes: classes.length, rows, skipped }
}

async function decodeOrNull(sample: Sample): Promise<Uint8Array | null> {
  try {
    return await decodeImage(sample)
  } catch (error) {
    if (isImageError(error)) return null
    throw error
  }
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}
