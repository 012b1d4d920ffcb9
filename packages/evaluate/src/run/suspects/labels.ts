import { imageName, type People } from '@arcface/data'
import { degreesOf } from '../../margin/angles.js'
import type { Finding } from '../../suspects/format.js'
import { placed, rounded } from './finding.js'
import type { Looked } from './look.js'

/** Angles of an image in degrees: to the mean of its own person's other images, and to the nearest other person. */
export interface Angles {
  /** NaN of a person's only image. */
  readonly own: Float64Array
  /** -1 where there is nobody else. */
  readonly other: Int32Array
  readonly nearest: Float64Array
}

/** Of those who stand under a wrong name, what an image of that person would hardly be: so many are farther. */
const FARTHEST = 0.1

/**
 * Images nearer to the mean of somebody else than to the others of their own: with few wrong labels no right one is, and
 * the wrong ones are. Who is nobody of the set is near nobody: to move it, it has to be as near as nine in ten are to
 * their own.
 */
export function wrongLabels(
  set: People,
  { places }: Pick<Looked, 'places'>,
  { own, other, nearest }: Angles,
): Finding[] {
  const suspects = [...places.keys()].filter((row) => nearest[row]! < own[row]!)
  const wrong = new Set(suspects)
  const usual = own.filter((degrees, row) => !Number.isNaN(degrees) && !wrong.has(row)).sort()
  const limit = usual[Math.floor((1 - FARTHEST) * usual.length)] ?? 0
  return suspects.map((row) => {
    const person = set.classes[other[row]!]!
    return labelFinding(set, places[row]!, own[row]!, {
      likely: { person, degrees: nearest[row]! },
      move: nearest[row]! <= limit,
    })
  })
}

/** An image far from its person by a run with sub-centers, as `cleanRun` of @arcface/train tells. */
export interface FarFromCentre {
  /** By `imageName`. */
  readonly image: string
  /** Radians. */
  readonly angle: number
  readonly likely: { readonly person: string; readonly angle: number } | null
}

/** The same as findings. */
export function farFromCentre(set: People, far: readonly FarFromCentre[]): Finding[] {
  const placeOf = new Map(set.samples.map((sample, place) => [imageName(sample), place]))
  return far.flatMap(({ image, angle, likely }) => {
    const place = placeOf.get(image)
    if (place === undefined) return []
    const other = likely && { person: likely.person, degrees: degreesOf(Math.cos(likely.angle)) }
    return [
      labelFinding(set, place, degreesOf(Math.cos(angle)), { likely: other, move: other !== null }),
    ]
  })
}

function labelFinding(
  set: People,
  place: number,
  degrees: number,
  { likely, move }: { likely: { person: string; degrees: number } | null; move: boolean },
): Finding {
  const image = placed(set, place)
  const own = `${degrees.toFixed(0)} degrees from ${image.person}`
  return {
    kind: 'label',
    score: rounded(degrees - (likely?.degrees ?? 0)),
    reason: likely ? `${own}, ${likely.degrees.toFixed(0)} from ${likely.person}` : own,
    images: [image],
    degrees: rounded(degrees),
    likely: likely && { person: likely.person, degrees: rounded(likely.degrees) },
    move: move ? likely!.person : null,
  }
}

/** Angles in degrees of cosines; NaN stays. */
export const anglesOf = (cosines: Iterable<number>): Float64Array =>
  Float64Array.from(cosines, degreesOf)
