import type { People } from '@arcface/data'
import { joinRows } from '../../embeddings/rows.js'
import type { Finding } from '../../suspects/format.js'
import type { PairsAbove } from '../../threshold/across.js'
import { type Alike, alikePeople } from './alike.js'
import { Centres } from './centres.js'
import { placed, rounded } from './finding.js'
import { anglesOf } from './labels.js'
import type { Looked } from './look.js'

/** Images that stand for a person. */
export const EXAMPLES = 6

/**
 * Folders of a set that show one person, and people who are in another set too.
 * @param centres of the first set's people
 * @param other another set, looked through
 */
export async function onePerson(
  set: People,
  looked: Looked,
  centres: Centres,
  other: (Looked & { readonly set: People }) | undefined,
  pairsAbove: PairsAbove,
): Promise<Finding[]> {
  const all = other ? joined(set, other.set) : set
  const places = [
    ...looked.places,
    ...(other?.places ?? []).map((place) => place + set.samples.length),
  ]
  const person = Int32Array.from(places, (place) => all.samples[place]!.label)
  const rows = other ? joinRows([looked.rows, other.rows]) : looked.rows
  const both = other ? new Centres(rows, looked.dim, person, all.classes.length) : centres
  const here = (label: number) => label < set.classes.length
  const alike = (await alikePeople(both, pairsAbove)).filter(({ a }) => here(a))
  const own = anglesOf(Array.from(person, (_, row) => both.ownCosine(row)))
  const shown = typical(
    alike.flatMap(({ a, b }) => [a, b]),
    person,
    own,
  )
  const images = (label: number) =>
    shown
      .get(label)!
      .slice(0, EXAMPLES)
      .map((row) => placed(all, places[row]!))
  const figures = ({ across, within }: Alike) => ({
    score: rounded(across / within),
    across: rounded(across),
    within: rounded(within),
  })
  const words = ({ across, within }: Alike) =>
    `cosine ${across.toFixed(2)} across, ${within.toFixed(2)} within`
  return alike.map((one): Finding => {
    const { a, b } = one
    // The folder with fewer images goes into the other.
    const [first, second] = here(b) && both.counts[b]! > both.counts[a]! ? [b, a] : [a, b]
    const names = [all.classes[first]!, all.classes[second]!] as const
    const shared = { ...figures(one), people: names, images: [...images(first), ...images(second)] }
    return here(b)
      ? {
          ...shared,
          kind: 'one-person',
          reason: `${names[1]} and ${names[0]} seem to be one: ${words(one)}`,
        }
      : {
          ...shared,
          kind: 'overlap',
          others: images(second).length,
          reason: `${names[0]} seems to be ${names[1]} of the other set: ${words(one)}`,
        }
  })
}

/** Of each person the rows, those most like the person first. */
export function typical(
  people: Iterable<number>,
  person: Int32Array,
  own: Float64Array,
): Map<number, number[]> {
  const rows = new Map<number, number[]>(Array.from(people, (one) => [one, []]))
  for (const [row, one] of person.entries()) rows.get(one)?.push(row)
  const far = (row: number) => (Number.isNaN(own[row]!) ? 0 : own[row]!)
  for (const all of rows.values()) all.sort((a, b) => far(a) - far(b))
  return rows
}

/** Two sets as one: the people of the second are numbered behind those of the first. */
const joined = (first: People, second: People): People => ({
  classes: [...first.classes, ...second.classes],
  samples: [
    ...first.samples,
    ...second.samples.map((sample) => ({ ...sample, label: sample.label + first.classes.length })),
  ],
})
