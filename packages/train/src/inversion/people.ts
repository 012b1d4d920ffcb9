import { decodeImage, type ImageSource, isImageError, type People } from '@arcface/data'
import { IMAGE_BYTES, Random, shuffle } from '@arcface/vision'
import { TrainError } from '../errors.js'

/** Whether a network was trained on somebody; `unknown` where nobody says whom it was trained on. */
export type Group = 'member' | 'stranger' | 'unknown'

/** Somebody whose face is to be drawn from what a network knows, with real photographs to compare with. */
export interface Target {
  readonly person: string
  readonly group: Group
  /** The class of the network that the person is; null for who is none. */
  readonly label: number | null
  /** 112 x 112 x 3: whose template is stolen. */
  readonly source: Uint8Array
  /** Other photographs of the person. */
  readonly others: readonly Uint8Array[]
  readonly images: readonly ImageSource[]
}

/** Photographs of a person beside the first. */
const OTHERS = 10
/** People whose mean is a face of nobody. */
const MEAN_OF = 200

/**
 * Draws people by a seed, those whom a network was trained on and those whom it was not, `count` of each as far as there are
 * so many. A person needs two photographs that can be decoded: one is attacked, the others judge.
 * @param classes whom the network was trained on, by the names of their folders; null where that is not known
 * @throws TrainError TRAIN_DATA where nobody is left; DataError
 */
export async function drawTargets(
  { classes: names, samples }: People,
  classes: readonly string[] | null,
  { count, seed, groups }: { count: number; seed: number; groups: readonly Group[] },
): Promise<Target[]> {
  const of = new Map<number, ImageSource[]>()
  for (const one of samples) of.set(one.label, [...(of.get(one.label) ?? []), one])
  const labels = classes && new Map(classes.map((name, label) => [name, label]))
  const groupOf = (name: string): Group =>
    labels === null ? 'unknown' : labels.has(name) ? 'member' : 'stranger'
  const targets: Target[] = []
  for (const group of groups) {
    const people = [...of.keys()].filter((label) => groupOf(names[label]!) === group)
    let left = count
    for (const place of shuffle(seed, 0, people.length)) {
      if (left === 0) break
      const person = names[people[place]!]!
      const found = await photographs(of.get(people[place]!)!, new Random(seed, people[place]!))
      if (found.length < 2) continue
      const [source, ...others] = found.map(({ pixels }) => pixels)
      const images = found.map(({ sample }) => sample)
      targets.push({
        person,
        group,
        label: labels?.get(person) ?? null,
        source: source!,
        others,
        images,
      })
      left--
    }
  }
  if (targets.length === 0)
    throw new TrainError('TRAIN_DATA', 'nobody has two photographs that can be decoded', {
      hint: 'Name folders of people, a folder a person, whose faces are aligned.',
    })
  return targets
}

async function photographs(samples: readonly ImageSource[], random: Random) {
  const found: { sample: ImageSource; pixels: Uint8Array }[] = []
  const order = samples
    .map((sample) => ({ sample, key: random.float() }))
    .sort((a, b) => a.key - b.key)
  for (const { sample } of order) {
    if (found.length > OTHERS) break
    const pixels = await decoded(sample)
    if (pixels) found.push({ sample, pixels })
  }
  return found
}

/** The mean of the first photographs of people who are no targets, 112 x 112 x 3. @throws TrainError TRAIN_DATA where there are none */
export async function meanFace(
  { classes, samples }: People,
  targets: readonly Target[],
): Promise<Uint8Array> {
  const attacked = new Set(targets.map(({ person }) => person))
  const seen = new Set<number>()
  const sum = new Float64Array(IMAGE_BYTES)
  let count = 0
  for (const sample of samples) {
    if (count === MEAN_OF || seen.has(sample.label) || attacked.has(classes[sample.label]!))
      continue
    const pixels = await decoded(sample)
    if (pixels === null) continue
    seen.add(sample.label)
    for (let k = 0; k < IMAGE_BYTES; k++) sum[k]! += pixels[k]!
    count++
  }
  if (count === 0)
    throw new TrainError('TRAIN_DATA', 'a mean face wants people who are not attacked themselves', {
      hint: 'Name more people, attack fewer, or begin with noise.',
    })
  return Uint8Array.from(sum, (value) => Math.round(value / count))
}

const decoded = (sample: ImageSource): Promise<Uint8Array | null> =>
  decodeImage(sample).catch((error: unknown) => {
    if (isImageError(error)) return null
    throw error
  })
