import type { PairsAbove } from '../../threshold/across.js'
import { ONE_PERSON } from '../../threshold/doubtful.js'
import type { Centres } from './centres.js'

/** Two people who seem to be one, by their numbers, a < b. */
export interface Alike {
  readonly a: number
  readonly b: number
  /** Mean cosine across the two. */
  readonly across: number
  /** Mean cosine within that of the two whose images are more alike. */
  readonly within: number
}

/** People whose images are less alike than those of all but this share are not looked for among the others. */
const MIXED = 0.05

/**
 * People whose faces are about as alike across as within, as `doubtfulLabels` judges; of somebody with one image the mean
 * of all stands for the cosine within.
 */
export async function alikePeople(centres: Centres, pairsAbove: PairsAbove): Promise<Alike[]> {
  const { people, rows } = centres.directions()
  const within = Float64Array.from(people, (one) => centres.meanCosine(one, one))
  const known = within.filter((cosine) => !Number.isNaN(cosine))
  if (known.length === 0) return []
  const usual = known.reduce((sum, cosine) => sum + cosine, 0) / known.length
  // Across > share * max(within) means that the cosine of the two means is above the smaller of share * within / length^2.
  const bounds = [...within.keys()]
    .filter((i) => !Number.isNaN(within[i]!))
    .map((i) => within[i]! / centres.length(people[i]!) ** 2)
    .sort((x, y) => x - y)
  const least = Math.min(bounds[Math.floor(MIXED * bounds.length)]!, usual)
  const found: Alike[] = []
  await pairsAbove(rows, centres.dim, ONE_PERSON * least, (i, j) => {
    const both = [within[i]!, within[j]!].filter((cosine) => !Number.isNaN(cosine))
    const most = both.length > 0 ? Math.max(...both) : usual
    const [a, b] = [people[i]!, people[j]!]
    const across = centres.meanCosine(a, b)
    if (across > ONE_PERSON * most) found.push({ a, b, across, within: most })
  })
  return found
}
