import { imageName, type Sample } from '@arcface/data'
import { type EmbedFn, joinRows } from '@arcface/evaluate'
import { goodImages } from '@arcface/evaluate/run'
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
  const rows: number[] = []
  for await (const { rows: good, pixels, done } of goodImages(samples, BATCH)) {
    if (good.length > 0) parts.push(await embed(pixels, good.length))
    rows.push(...good)
    onProgress(done, samples.length)
  }
  const labels = rows.map((row) => samples[row]!.label)
  const present = new Set(labels)
  const missing = classes.find((_, label) => !present.has(label))
  if (missing !== undefined)
    throw new TrainError(
      'TRAIN_DATA',
      `${name}: no image of ${missing} can be decoded, so there is no angle to measure; mend or remove the folder`,
    )
  const decoded = new Set(rows)
  const skipped = samples.filter((_, row) => !decoded.has(row)).map(imageName)
  const embeddings = joinRows(parts)
  const dim = embeddings.length / labels.length
  return { embeddings, labels, dim, classes: classes.length, rows, skipped }
}
