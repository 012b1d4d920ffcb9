import {
  type EmbedFn,
  impostorsAcross,
  joinRows,
  measureThresholds,
  normalizeRows,
  type PairsAbove,
} from '@arcface/evaluate'
import type { Thresholds } from '@arcface/onnx'
import { cosine, IMAGE_BYTES, thresholdAt } from '@arcface/vision'
import type { Target } from './people.js'
import type { Judged, Point } from './summary.js'

/** Another network than the attacked one, which says whom a picture shows. */
export interface Judge {
  readonly embed: EmbedFn
  /** Its own; undefined: measured on the photographs of the people who are attacked. */
  readonly thresholds: Thresholds | undefined
  readonly pairsAbove: PairsAbove
}

/** False accept rates at which it judges. */
export const JUDGED_FARS = [1e-2, 1e-3]

const BATCH = 32

/** A judge who knows the real photographs of some people. */
export class Jury {
  private constructor(
    private readonly embed: EmbedFn,
    /** Of each person the source first, then the others. */
    private readonly known: readonly (readonly Float32Array[])[],
    readonly points: readonly Point[],
    /** What its thresholds were measured on. */
    readonly source: string,
  ) {}

  /** @throws EvaluateError EVALUATE_IDENTITY, EVALUATE_PAIRS where it has no thresholds and these people are too few for them */
  static async of(
    { embed, thresholds, pairsAbove }: Judge,
    targets: readonly Target[],
  ): Promise<Jury> {
    const known: Float32Array[][] = []
    for (const { source, others } of targets) known.push(await rowsOf(embed, [source, ...others]))
    const used = thresholds ?? (await measured(known, pairsAbove))
    const points = JUDGED_FARS.map((far) => ({ far, threshold: thresholdAt(used, far)!.threshold }))
    return new Jury(embed, known, points, used.source)
  }

  /** @param places of the people in `targets`, @param images one of each */
  async judge(
    places: readonly number[],
    images: readonly Uint8Array[],
    isStolen: boolean,
  ): Promise<Judged[]> {
    const rows = await rowsOf(this.embed, images)
    return rows.map((row, i) => this.#of(places[i]!, row, isStolen))
  }

  /** What a real photograph of everybody, that whose template is stolen, is taken for: no attack does better. */
  real(): Judged[] {
    return this.known.map(([source], place) => this.#of(place, source!, false))
  }

  #of(place: number, row: Float32Array, isStolen: boolean): Judged {
    const [source, ...others] = this.known[place]!
    const to = (all: readonly Float32Array[]) => all.map((one) => cosine(row, one))
    return {
      others: to(others),
      same: isStolen ? cosine(row, source!) : null,
      strangers: this.known.flatMap((rows, other) => (other === place ? [] : to(rows))),
    }
  }
}

async function rowsOf(embed: EmbedFn, images: readonly Uint8Array[]): Promise<Float32Array[]> {
  const rows: Float32Array[] = []
  for (let from = 0; from < images.length; from += BATCH) {
    const part = images.slice(from, from + BATCH)
    const pixels = new Uint8Array(part.length * IMAGE_BYTES)
    for (const [i, image] of part.entries()) pixels.set(image, i * IMAGE_BYTES)
    const made = await embed(pixels, part.length)
    const dim = made.length / part.length
    for (let i = 0; i < part.length; i++) rows.push(made.slice(i * dim, (i + 1) * dim))
  }
  return rows
}

async function measured(
  known: readonly (readonly Float32Array[])[],
  pairsAbove: PairsAbove,
): Promise<Thresholds> {
  const all = known.flat()
  const dim = all[0]!.length
  const person = Int32Array.from(known.flatMap((rows, i) => rows.map(() => i)))
  const rows = normalizeRows({ embeddings: joinRows(all), dim })
  return measureThresholds(
    await impostorsAcross(rows, dim, person, pairsAbove),
    'the people who are attacked',
  )
}
