import { imageName, type People } from '@arcface/data'
import type { MatMul } from '@arcface/vision'
import type { EmbedFn } from '../embeddings/embed.js'
import { search } from '../identification/search.js'
import { goodImages } from './good-images.js'
import { telling, type WorkOptions } from './work.js'

/** Somebody of one set who looks like somebody of another. */
export interface SharedPerson {
  /** Between the mean embeddings of the two. */
  readonly cosine: number
  readonly person: string
  /** Their first image that can be decoded. */
  readonly image: string
  readonly other: string
  readonly otherImage: string
}

export interface SharedOptions extends WorkOptions {
  readonly embed: EmbedFn
  readonly matmul: MatMul
  /** Cosine above which two are taken for one person. */
  readonly threshold: number
}

/** The most people of the first set who are listed for one of the other. */
const KEEP = 10

/**
 * Who of `other` is in `set` too: pairs of people whose mean embeddings have a cosine above the threshold, most alike
 * first. Images that cannot be decoded are left out.
 * @throws EvaluateError EVALUATE_EMBEDDING; what `embed` and `matmul` throw
 */
export async function sharedPeople(
  set: People,
  other: People,
  { embed, matmul, threshold, ...options }: SharedOptions,
): Promise<SharedPerson[]> {
  const tell = telling(options, 'embedded')
  const total = set.samples.length + other.samples.length
  const here = await centres(set, embed, (done) => tell(done, total))
  const there = await centres(other, embed, (done) => tell(set.samples.length + done, total))
  if (here.people.length === 0 || there.people.length === 0) return []
  const { otherScores, otherRows } = await search({
    probes: { embeddings: there.rows, dim: there.dim },
    probeOf: Int32Array.from(there.people, (_, i) => i),
    gallery: [here.rows],
    galleryOf: new Int32Array(here.people.length).fill(-1),
    matmul,
    keep: KEEP,
  })
  return [...otherScores]
    .flatMap((cosine, i) => {
      if (!(cosine > threshold)) return []
      const [a, b] = [here.people[otherRows[i]!]!, there.people[Math.floor(i / KEEP)]!]
      return { cosine, person: a.name, image: a.image, other: b.name, otherImage: b.image }
    })
    .sort((a, b) => b.cosine - a.cosine)
}

interface Centres {
  readonly people: readonly { readonly name: string; readonly image: string }[]
  /** Sums of normalised embeddings, one row a person. */
  readonly rows: Float32Array
  readonly dim: number
}

async function centres(
  { classes, samples }: People,
  embed: EmbedFn,
  onProgress: (done: number) => void,
): Promise<Centres> {
  const rowOf = new Map<number, number>()
  const people: { name: string; image: string }[] = []
  const sums: Float64Array[] = []
  let dim = 0
  for await (const { rows: good, pixels, done } of goodImages(samples)) {
    if (good.length > 0) {
      const rows = await embed(pixels, good.length)
      dim = rows.length / good.length
      for (const [i, place] of good.entries()) {
        const sample = samples[place]!
        let row = rowOf.get(sample.label)
        if (row === undefined) {
          row = people.push({ name: classes[sample.label]!, image: imageName(sample) }) - 1
          rowOf.set(sample.label, row)
          sums.push(new Float64Array(dim))
        }
        addNormalised(sums[row]!, rows.subarray(i * dim, (i + 1) * dim))
      }
    }
    onProgress(done)
  }
  const rows = new Float32Array(people.length * dim)
  for (const [row, sum] of sums.entries()) rows.set(sum, row * dim)
  return { people, rows, dim }
}

function addNormalised(sum: Float64Array, row: Float32Array): void {
  const norm = Math.hypot(...row)
  if (!(norm > 0)) return
  row.forEach((value, k) => {
    sum[k]! += value / norm
  })
}
