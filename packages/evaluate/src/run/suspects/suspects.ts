import type { People } from '@arcface/data'
import type { MatMul } from '@arcface/vision'
import type { EmbedFn } from '../../embeddings/embed.js'
import { type Finding, SUSPECT_KINDS, type SuspectsFile } from '../../suspects/format.js'
import type { PairsAbove } from '../../threshold/across.js'
import type { WorkOptions } from '../work.js'
import { Centres } from './centres.js'
import { copies, sharedPictures } from './copies.js'
import { placed } from './finding.js'
import { type Angles, anglesOf, type FarFromCentre, farFromCentre, wrongLabels } from './labels.js'
import { type Looked, look } from './look.js'
import { EXAMPLES, onePerson, typical } from './people.js'
import { poor } from './poor.js'

export interface SuspectsOptions extends WorkOptions {
  readonly embed: EmbedFn
  readonly matmul: MatMul
  readonly pairsAbove: PairsAbove
  /** Another set, such as the one that is tested on: who of the first is in it too? */
  readonly against?: People | undefined
  /** Wrong labels as a run with sub-centers sees them, in place of those by distance to the mean. */
  readonly far?: readonly FarFromCentre[] | undefined
}

/** What a person should look at, with the images it needs, and what is known of every image. */
export interface Suspects extends Pick<SuspectsFile, 'findings' | 'examples'> {
  readonly looked: Looked
  readonly angles: Angles
}

/**
 * Looks through a data set for what a person would want to put right: wrong labels, pictures that are there twice, folders of
 * one person, people of another set, poor and broken images. Each image is decoded and embedded once. Nothing is changed.
 * @throws EvaluateError EVALUATE_EMBEDDING; what `embed`, `matmul` and `pairsAbove` throw
 */
export async function suspects(
  set: People,
  { embed, matmul, pairsAbove, against, far, ...work }: SuspectsOptions,
): Promise<Suspects> {
  const looked = await look(set, embed, work)
  const person = Int32Array.from(looked.places, (place) => set.samples[place]!.label)
  const centres = new Centres(looked.rows, looked.dim, person, set.classes.length)
  const own = anglesOf(Array.from(person, (_, row) => centres.ownCosine(row)))
  const nearest = await centres.nearestOthers(matmul)
  const angles: Angles = { own, other: nearest.other, nearest: anglesOf(nearest.cosine) }
  const other = against && { set: against, ...(await look(against, embed, work)) }
  const people = await onePerson(set, looked, centres, other, pairsAbove)
  const labels = far ? farFromCentre(set, far) : wrongLabels(set, looked, angles)
  const findings: Finding[] = [
    ...betweenTwo(labels, people),
    ...people,
    ...(await copies(set, looked, angles, pairsAbove)),
    ...(other ? await sharedPictures(set, looked, other, pairsAbove) : []),
    ...poor(set, looked),
    ...looked.unreadable.map(
      ({ place, message }): Finding => ({
        kind: 'unreadable',
        score: 1,
        reason: message,
        images: [placed(set, place)],
      }),
    ),
  ]
  findings.sort(
    (a, b) => SUSPECT_KINDS.indexOf(a.kind) - SUSPECT_KINDS.indexOf(b.kind) || b.score - a.score,
  )
  return { findings, examples: examplesOf(set, findings, looked, person, own), looked, angles }
}

/** Degrees by which an image may be nearer to the other of two folders of one person, as chance has it. */
const CHANCE = 10

/** Without those that only stand in the other of two folders of one person. */
function betweenTwo(labels: readonly Finding[], people: readonly Finding[]): Finding[] {
  const couples = new Set(
    people.flatMap((one) => {
      if (one.kind !== 'one-person') return []
      const [a, b] = one.people
      return [JSON.stringify([a, b]), JSON.stringify([b, a])]
    }),
  )
  return labels.filter(
    (one) =>
      one.kind !== 'label' ||
      one.score > CHANCE ||
      !couples.has(JSON.stringify([one.images[0]!.person, one.likely?.person])),
  )
}

/** Of those who are named by findings that show one image. */
function examplesOf(
  set: People,
  findings: readonly Finding[],
  { places }: Looked,
  person: Int32Array,
  own: Float64Array,
): Suspects['examples'] {
  const named = new Set<string>()
  for (const one of findings) {
    if (one.kind !== 'label' && one.kind !== 'copy-of-two') continue
    for (const image of one.images) named.add(image.person)
    if (one.kind === 'label' && one.likely) named.add(one.likely.person)
  }
  const numbers = [...set.classes.keys()].filter((label) => named.has(set.classes[label]!))
  return Array.from(typical(numbers, person, own), ([label, rows]) => ({
    person: set.classes[label]!,
    images: rows.slice(0, EXAMPLES).map((row) => placed(set, places[row]!)),
  }))
}
