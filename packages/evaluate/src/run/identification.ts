import { type FolderDataset, imageName } from '@arcface/data'
import type { MatMul } from '@arcface/vision'
import { type EmbedFn, flipSum } from '../embeddings/embed.js'
import type { Rows } from '../embeddings/rows.js'
import { megaface } from '../identification/megaface.js'
import type { SearchResult } from '../identification/search.js'
import {
  type IdentificationResult,
  measureSearch,
  type SearchMeasures,
} from '../measures/search.js'
import { numberNames } from '../verification/identities.js'
import { embedFiles } from './embed-files.js'
import { telling, type WorkOptions } from './work.js'

export interface IdentificationOptions extends SearchMeasures, WorkOptions {
  readonly embed: EmbedFn
  readonly matmul: MatMul
  /** Adds the embedding of the mirror image. */
  readonly flip?: boolean | undefined
}

/** Figures, what was compared, and the search where its pairs can be shown. */
export interface Identification {
  readonly result: IdentificationResult
  /** Left out for MegaFace, whose couples are no pairs of probes and rows. */
  readonly search?: SearchResult
  readonly probes: FolderDataset
  /** The sets whose images are the rows of the gallery, one set behind the other. */
  readonly rows: readonly FolderDataset[]
}

/** The first image of each person, who is enrolled by it, and the others, which are probes. */
export function firstEnrolled(set: FolderDataset): {
  gallery: FolderDataset
  probes: FolderDataset
} {
  const first = set.samples.map(({ label }, i) => label !== set.samples[i - 1]?.label)
  return {
    gallery: { ...set, samples: set.samples.filter((_, i) => first[i]) },
    probes: { ...set, samples: set.samples.filter((_, i) => !first[i]) },
  }
}

/**
 * 1:N over folders: people are the same by their names; distractors are enrolled too, and nobody looks for them.
 * Galleries are embedded and searched part by part, so that a million distractors need not be in memory.
 * @throws EvaluateError; DataError for an image that cannot be decoded; what `embed` and `matmul` throw
 */
export async function evaluateIdentification(
  {
    gallery,
    probes,
    distractors,
  }: {
    readonly gallery: FolderDataset
    readonly probes: FolderDataset
    readonly distractors?: FolderDataset | undefined
  },
  options: IdentificationOptions,
): Promise<Identification> {
  const { ranks, fpir, far, closedTpir, matmul } = options
  const people = numberNames([...gallery.classes, ...probes.classes])
  const probeOf = probes.samples.map(({ label }) => people[gallery.classes.length + label]!)
  const galleryOf = gallery.samples.map(({ label }) => people[label]!)
  const rows = distractors === undefined ? [gallery] : [gallery, distractors]
  const searched = await measureSearch(
    {
      probes: await embedded(probes, options),
      probeOf: Int32Array.from(probeOf),
      gallery: inParts(rows, options),
      galleryOf: Int32Array.from([...galleryOf, ...(distractors?.samples ?? []).map(() => -1)]),
      matmul,
    },
    { ranks, fpir, far, closedTpir },
  )
  return { ...searched, probes, rows }
}

/**
 * MegaFace: each couple of images of one person by itself among the distractors.
 * @throws as `evaluateIdentification`; EVALUATE_IDENTITY where nobody has two images
 */
export async function evaluateMegaface(
  probes: FolderDataset,
  distractors: FolderDataset,
  options: Omit<IdentificationOptions, 'fpir' | 'closedTpir'>,
): Promise<Identification> {
  const { ranks, far = [1e-6], matmul } = options
  const { couples, ...found } = await megaface({
    probes: await embedded(probes, options),
    probeOf: Int32Array.from(probes.samples, ({ label }) => label),
    distractors: inParts([distractors], options),
    count: distractors.samples.length,
    matmul,
    ranks: Math.max(...ranks),
    fars: far,
  })
  return {
    result: {
      protocol: 'megaface',
      probes: probes.samples.length,
      gallery: found.distractors + 1,
      distractors: found.distractors,
      mated: couples,
      ranks,
      cmc: found.cmc,
      ...(found.cmcIntervals && { cmcIntervals: found.cmcIntervals }),
      verification: found.verification,
    },
    probes,
    rows: [distractors],
  }
}

type Embedding = Pick<IdentificationOptions, 'embed' | 'flip'> & WorkOptions

async function embedded(
  { samples }: FolderDataset,
  { embed, flip = false, ...options }: Embedding,
): Promise<Rows> {
  const onProgress = telling(options, 'images')
  const found = await embedFiles(samples, embed, flip, { onProgress })
  return { embeddings: flipSum(found), dim: found.dim, names: samples.map(imageName) }
}

/** Images of a gallery that are embedded and searched before the next are. */
const PART = 1 << 13

async function* inParts(
  sets: readonly FolderDataset[],
  { embed, flip = false, ...options }: Embedding,
): AsyncGenerator<Float32Array> {
  const tell = telling(options, 'images of the gallery')
  const samples = sets.flatMap((set) => set.samples)
  for (let start = 0; start < samples.length; start += PART) {
    const onProgress = (done: number) => tell(start + done, samples.length)
    const part = samples.slice(start, start + PART)
    yield flipSum(await embedFiles(part, embed, flip, { onProgress }))
  }
}
