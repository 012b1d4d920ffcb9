import type { Interval } from '../bootstrap/bootstrap.js'
import { rankIntervals } from '../bootstrap/intervals.js'
import { countRows, dot, normalizeRows } from '../embeddings/rows.js'
import { EvaluateError } from '../errors.js'
import { type OperatingPoint, tarAtFar } from '../roc/roc.js'
import { checkRate, type Scores } from '../roc/scores.js'
import { type Couples, ranksOfCouples, ratesOfRanks } from './figures.js'
import { tailForFar } from './pairs.js'
import { type SearchInput, search } from './search.js'

export interface MegafaceInput
  extends Pick<SearchInput, 'probes' | 'probeOf' | 'matmul' | 'onProgress'> {
  /** Rows of nobody among the probes, in blocks: see `SearchInput.gallery`. */
  readonly distractors: SearchInput['gallery']
  /** How many rows they are. */
  readonly count: number
  /** Ranks of the CMC: 1 to so many. Default 10. */
  readonly ranks?: number
  /** FARs of the verification. Default 1e-6, MegaFace's. */
  readonly fars?: readonly number[]
}

export interface MegafaceResult {
  /** Share of couples (probe, mate) whose mate is of rank k or better among the distractors. */
  readonly cmc: Float64Array
  /** Its intervals by bootstrap over people; none where all couples are of one. */
  readonly cmcIntervals: readonly Interval[] | undefined
  /** TAR of all couples, the scores of probes with distractors being the impostors; strict. */
  readonly verification: readonly OperatingPoint[]
  readonly couples: number
  readonly distractors: number
}

/**
 * MegaFace challenge 1 (arXiv 1512.00596): each image of a probe's person in turn is put among the
 * distractors and looked for with each other image of that person. Verification is on the same
 * couples against all scores of probes with distractors, of which only the largest are held.
 * @throws EvaluateError as `search`; EVALUATE_IDENTITY where no person has two images
 */
export async function megaface(input: MegafaceInput): Promise<MegafaceResult> {
  const { probes, probeOf, matmul, count, ranks = 10, fars = [1e-6], onProgress } = input
  for (const far of fars) checkRate(far, 'FAR')
  const genuine = couples(input)
  const result = await search({
    probes,
    probeOf,
    gallery: input.distractors,
    galleryOf: new Int32Array(count).fill(-1),
    matmul,
    keep: ranks,
    tail: tailForFar(Math.max(0, ...fars), countRows(probes) * count),
    ...(onProgress && { onProgress }),
  })
  const scores: Scores = {
    genuine: genuine.scores.slice().sort().reverse(),
    impostor: result.tail,
    impostors: result.others,
  }
  const found = ranksOfCouples(result, genuine)
  const people = genuine.probe.map((probe) => probeOf[probe]!)
  return {
    cmc: ratesOfRanks(found, ranks),
    cmcIntervals: new Set(people).size > 1 ? rankIntervals(found, people, ranks) : undefined,
    verification: fars.map((far) => tarAtFar(scores, far)),
    couples: genuine.scores.length,
    distractors: count,
  }
}

/** All ordered couples of images of one person. */
function couples({ probes, probeOf }: MegafaceInput): Couples {
  const rows = normalizeRows(probes)
  const people = new Map<number, number[]>()
  probeOf.forEach((person, probe) => {
    const images = people.get(person)
    if (images) images.push(probe)
    else people.set(person, [probe])
  })
  const { dim } = probes
  const probe: number[] = []
  const scores: number[] = []
  for (const images of people.values()) {
    for (const first of images) {
      for (const second of images) {
        if (first === second) continue
        probe.push(first)
        scores.push(dot(rows, first * dim, rows, second * dim, dim))
      }
    }
  }
  if (probe.length === 0) {
    const message = 'no person has two images, so there is no mate to look for'
    throw new EvaluateError('EVALUATE_IDENTITY', message)
  }
  return { probe: Int32Array.from(probe), scores: Float32Array.from(scores) }
}
