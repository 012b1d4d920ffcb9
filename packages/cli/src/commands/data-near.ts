import type { CheckResult, People } from '@arcface/data'
import type { EmbedFn } from '@arcface/evaluate'
import { openModel } from '../model/open.js'
import type { PreprocessingOptions } from '../model/preprocessing.js'
import { decodeGood } from './data-shared.js'

/** Two images that look like one picture. */
export interface NearDuplicate {
  /** Of the embeddings, or without a model of the thumbnails. */
  cosine: number
  images: [string, string]
  /** Whose they are; one name where both are of one person. */
  people: string[]
}

const BATCH = 32

/**
 * Pairs of images that are one picture encoded again, in another size or brightness: the cosine of their embeddings, or
 * without a model of their thumbnails, lies above the threshold. Copies of the same pixels are left out, and what
 * cannot be decoded. Most alike first.
 */
export async function nearDuplicates(
  { classes, samples }: People,
  copies: CheckResult['duplicates'],
  model: string | undefined,
  options: PreprocessingOptions & { near: number | true },
  onProgress: (done: number, total: number) => void,
): Promise<NearDuplicate[]> {
  const { imageName } = await import('@arcface/data')
  const { pairsAbove } = await import('@arcface/recognize')
  const near = options.near === true ? (model === undefined ? 0.985 : 0.95) : options.near
  const { embed, close } = await look(model, options)
  const parts: Float32Array[] = []
  const kept: { name: string; person: string }[] = []
  try {
    for (let start = 0; start < samples.length; start += BATCH) {
      const { good, images } = await decodeGood(samples.slice(start, start + BATCH))
      if (good.length > 0) parts.push(await embed(images, good.length))
      for (const sample of good)
        kept.push({ name: imageName(sample), person: classes[sample.label]! })
      onProgress(Math.min(start + BATCH, samples.length), samples.length)
    }
  } finally {
    await close()
  }
  const rows = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  for (let at = 0; parts.length > 0; ) {
    const part = parts.shift()!
    rows.set(part, at)
    at += part.length
  }
  const groupOf = new Map(copies.flatMap(({ images }, g) => images.map((image) => [image, g])))
  const found: NearDuplicate[] = []
  await pairsAbove(rows, rows.length / Math.max(kept.length, 1), near, (i, j, cosine) => {
    const [a, b] = [kept[i]!, kept[j]!]
    const group = groupOf.get(a.name)
    if (group !== undefined && group === groupOf.get(b.name)) return
    const people = [...new Set([a.person, b.person])]
    found.push({ cosine, images: [a.name, b.name], people })
  })
  return found.sort((x, y) => y.cosine - x.cosine)
}

/** Rows of length 1: of a model, or thumbnails. */
async function look(
  model: string | undefined,
  options: PreprocessingOptions,
): Promise<{ embed: EmbedFn; close(): Promise<void> }> {
  if (model === undefined) {
    const { thumbnails } = await import('@arcface/data')
    return { embed: async (images, count) => thumbnails(images, count), close: async () => {} }
  }
  const { normalizeRows } = await import('@arcface/evaluate')
  const { embed, close } = await openModel(model, options)
  return {
    async embed(images, count) {
      const embeddings = await embed(images, count)
      return normalizeRows({ embeddings, dim: embeddings.length / count })
    },
    close,
  }
}
