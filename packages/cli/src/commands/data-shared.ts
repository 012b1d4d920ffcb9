import type { People } from '@arcface/data'
import type { EmbedFn } from '@arcface/evaluate'
import { openModel } from '../model/open.js'
import type { PreprocessingOptions } from '../model/preprocessing.js'

/** Somebody of one set who looks like somebody of another. */
export interface SharedPerson {
  /** Between the mean embeddings of the two. */
  cosine: number
  person: string
  /** Their first image that can be decoded. */
  image: string
  other: string
  otherImage: string
}

interface Options extends PreprocessingOptions {
  model: string
  threshold: number
}

const BATCH = 32
/** The most people of the first set who are listed for one of the other. */
const KEEP = 10

/**
 * Who of `other` is in `set` too: pairs of people whose mean embeddings have a cosine above the threshold, most alike
 * first. Images that cannot be decoded are left out.
 */
export async function sharedPeople(
  set: People,
  other: People,
  options: Options,
  onProgress: (done: number, total: number) => void,
): Promise<SharedPerson[]> {
  const { search } = await import('@arcface/evaluate')
  const { onnxMatMul } = await import('@arcface/recognize')
  const { embed, close } = await openModel(options.model, options)
  try {
    const total = set.samples.length + other.samples.length
    const here = await centres(set, embed, (done) => onProgress(done, total))
    const there = await centres(other, embed, (done) =>
      onProgress(set.samples.length + done, total),
    )
    if (here.people.length === 0 || there.people.length === 0) return []
    const { otherScores, otherRows } = await search({
      probes: { embeddings: there.rows, dim: there.dim },
      probeOf: Int32Array.from(there.people, (_, i) => i),
      gallery: [here.rows],
      galleryOf: new Int32Array(here.people.length).fill(-1),
      matmul: onnxMatMul(),
      keep: KEEP,
    })
    return [...otherScores]
      .flatMap((cosine, i) => {
        if (!(cosine > options.threshold)) return []
        const [a, b] = [here.people[otherRows[i]!]!, there.people[Math.floor(i / KEEP)]!]
        return { cosine, person: a.name, image: a.image, other: b.name, otherImage: b.image }
      })
      .sort((a, b) => b.cosine - a.cosine)
  } finally {
    await close()
  }
}

interface Centres {
  people: { name: string; image: string }[]
  /** Sums of normalised embeddings, one row a person. */
  rows: Float32Array
  dim: number
}

async function centres(
  { classes, samples }: People,
  embed: EmbedFn,
  onProgress: (done: number) => void,
): Promise<Centres> {
  const { imageName } = await import('@arcface/data')
  const rowOf = new Map<number, number>()
  const people: Centres['people'] = []
  const sums: Float64Array[] = []
  let dim = 0
  for (let start = 0; start < samples.length; start += BATCH) {
    const part = samples.slice(start, start + BATCH)
    const { good, images } = await decodeGood(part)
    if (good.length > 0) {
      const rows = await embed(images, good.length)
      dim = rows.length / good.length
      good.forEach((sample, i) => {
        let row = rowOf.get(sample.label)
        if (row === undefined) {
          row = people.push({ name: classes[sample.label]!, image: imageName(sample) }) - 1
          rowOf.set(sample.label, row)
          sums.push(new Float64Array(dim))
        }
        addNormalised(sums[row]!, rows.subarray(i * dim, (i + 1) * dim))
      })
    }
    onProgress(start + part.length)
  }
  const rows = new Float32Array(people.length * dim)
  sums.forEach((sum, row) => {
    rows.set(sum, row * dim)
  })
  return { people, rows, dim }
}

/** The images that can be decoded, and their pixels one behind the other. */
export async function decodeGood(
  part: People['samples'],
): Promise<{ good: People['samples']; images: Uint8Array }> {
  const { decodeImage, isImageError } = await import('@arcface/data')
  const { IMAGE_BYTES } = await import('@arcface/vision')
  const decoded = await Promise.all(
    part.map((sample) =>
      decodeImage(sample).catch((error: unknown) => {
        if (isImageError(error)) return null
        throw error
      }),
    ),
  )
  const good = part.filter((_, i) => decoded[i] !== null)
  const images = new Uint8Array(good.length * IMAGE_BYTES)
  decoded
    .filter((image) => image !== null)
    .forEach((image, i) => {
      images.set(image, i * IMAGE_BYTES)
    })
  return { good, images }
}

function addNormalised(sum: Float64Array, row: Float32Array): void {
  const norm = Math.hypot(...row)
  if (!(norm > 0)) return
  row.forEach((value, k) => {
    sum[k]! += value / norm
  })
}
