import { type CheckResult, imageName, type People, thumbnails } from '@arcface/data'
import type { EmbedFn } from '../embeddings/embed.js'
import { joinRows, normalizeRows } from '../embeddings/rows.js'
import type { PairsAbove } from '../threshold/across.js'
import { goodImages } from './good-images.js'
import { telling, type WorkOptions } from './work.js'

/** Correlation of thumbnails above which two pictures are one, encoded again. */
export const ALIKE = 0.985

/** Two images that look like one picture. */
export interface NearDuplicate {
  /** Of the embeddings, or without a model of the thumbnails. */
  readonly cosine: number
  readonly images: readonly [string, string]
  /** Whose they are; one name where both are of one person. */
  readonly people: readonly string[]
}

export interface NearOptions extends WorkOptions {
  /** Left out, thumbnails are compared. */
  readonly embed?: EmbedFn | undefined
  /** Cosine above which two are alike. Default 0.95, of thumbnails 0.985. */
  readonly threshold?: number | undefined
  /** Groups of the same pixels, as `checkImages` finds them: these are not told of again. */
  readonly copies?: CheckResult['duplicates']
  readonly pairsAbove: PairsAbove
}

/**
 * Pairs of images that are one picture encoded again, in another size or brightness: the cosine of their embeddings, or
 * without a model of their thumbnails, lies above the threshold. Copies of the same pixels are left out, and what
 * cannot be decoded. Most alike first. Memory: a row an image, twice for a moment.
 * @throws EvaluateError EVALUATE_EMBEDDING; what `embed` and `pairsAbove` throw
 */
export async function nearDuplicates(
  { classes, samples }: People,
  { embed, copies = [], pairsAbove, ...options }: NearOptions,
): Promise<NearDuplicate[]> {
  const { threshold = embed ? 0.95 : ALIKE } = options
  const tell = telling(options, 'seen')
  const parts: Float32Array[] = []
  const kept: { name: string; person: string }[] = []
  for await (const { rows, pixels, done } of goodImages(samples)) {
    if (rows.length > 0) parts.push(await rowsOf(pixels, rows.length, embed))
    for (const row of rows) {
      const sample = samples[row]!
      kept.push({ name: imageName(sample), person: classes[sample.label]! })
    }
    tell(done, samples.length)
  }
  // Emptied, so that they are held once while they are compared.
  const rows = joinRows(parts.splice(0))
  const groupOf = new Map(copies.flatMap(({ images }, g) => images.map((image) => [image, g])))
  const found: NearDuplicate[] = []
  await pairsAbove(rows, rows.length / Math.max(kept.length, 1), threshold, (i, j, cosine) => {
    const [a, b] = [kept[i]!, kept[j]!]
    const group = groupOf.get(a.name)
    if (group !== undefined && group === groupOf.get(b.name)) return
    found.push({ cosine, images: [a.name, b.name], people: [...new Set([a.person, b.person])] })
  })
  return found.sort((x, y) => y.cosine - x.cosine)
}

/** Of length 1: embeddings, or thumbnails. */
async function rowsOf(
  pixels: Uint8Array,
  count: number,
  embed: EmbedFn | undefined,
): Promise<Float32Array> {
  if (!embed) return thumbnails(pixels, count)
  const embeddings = await embed(pixels, count)
  return normalizeRows({ embeddings, dim: embeddings.length / count })
}
