import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import {
  encodedImage,
  type FolderDataset,
  type ImageSource,
  imageFile,
  imageName,
} from '@arcface/data'
import { firstNames } from '@arcface/files'
import type { VerifySet } from './verification.js'

/** What a verification set and the training data have in common. */
export interface Overlap {
  set: string
  images: number
  /** People with images in both, by their names; not those of numbers that both sides gave, each for itself. */
  people: string[]
  /** Images of the set that are in the training data, and what they are called there; null: not looked for. */
  shared: { image: string; there: string }[] | null
}

/** Training images whose bytes are compared: with more it would take minutes. */
const MOST = 100_000

/** What each set has in common with the training data: names of people, and images byte for byte. */
export function findOverlap(
  sets: readonly VerifySet[],
  { classes, samples }: FolderDataset,
): Overlap[] {
  if (sets.length === 0) return []
  // Two people of one name are told apart as `root/name`.
  const trained = new Set(classes.map((name) => basename(name).normalize()))
  const images = sets.flatMap(({ pairs }) => pairs.images)
  const there = samples.length <= MOST ? trainedImages(samples, images) : null
  const files = new Set(samples.map((sample) => placeOf(imageName(sample))))
  return sets.map(({ name, pairs }) => {
    const shared = []
    const people = new Set<string>()
    const others = new Set<string>()
    for (const image of pairs.images) {
      const found = there?.get(contentOf(image))
      if (found !== undefined) shared.push({ image: imageName(image), there: found })
      const person = personOf(image)
      if (person === null || !trained.has(person)) continue
      people.add(person)
      // Another picture in the place of one trained on: both sides were numbered from 1, each for itself.
      const isOther = there !== null && found === undefined && files.has(placeOf(imageName(image)))
      if (isOther && NUMBERED.test(person)) others.add(person)
    }
    return {
      set: name,
      images: pairs.images.length,
      people: [...people].filter((person) => !others.has(person)).sort(),
      shared: there && shared,
    }
  })
}

/** A name that says only which number somebody has: `person_0001`, `17`. */
const NUMBERED = /^(\p{L}+[_-]?)?\d+$/u

/** `ann/1.jpg` */
const placeOf = (path: string): string => join(basename(dirname(path)), basename(path)).normalize()

/** The folder of an image file; an image in memory has none. */
function personOf(image: ImageSource): string | null {
  if (typeof image !== 'string') return null
  return basename(dirname(image)).normalize()
}

const contentOf = (image: ImageSource): string =>
  createHash('sha256').update(encodedImage(image)).digest('base64')

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? -1

/** Names of the training images by content, as far as they may be one of `wanted`: files of another size are none. */
function trainedImages(
  samples: readonly ImageSource[],
  wanted: readonly ImageSource[],
): Map<string, string> {
  const sizes = new Set(
    wanted.map((image) => {
      const file = imageFile(image)
      return file === null ? encodedImage(image).length : sizeOf(file)
    }),
  )
  const found = new Map<string, string>()
  for (const sample of samples) {
    const file = imageFile(sample)
    if (file !== null && !sizes.has(sizeOf(file))) continue
    try {
      found.set(contentOf(sample), imageName(sample))
    } catch {
      // The loader says what is wrong with it.
    }
  }
  return found
}

/** What a set has in common with the training data, in a sentence; null where nothing was found. */
export function overlapSentence({ images, people, shared }: Overlap): string | null {
  const [first] = shared ?? []
  const parts = [
    ...(first === undefined
      ? []
      : [
          `${shared!.length} of its ${images} images ${shared!.length === 1 ? 'is' : 'are'} in the training data (${first.image} is ${first.there}): its accuracy is not that of strangers alone`,
        ]),
    ...(people.length === 0
      ? []
      : [
          `${people.length} of its people ${people.length === 1 ? 'has the name' : 'have the names'} of people trained on (${firstNames(people)}): if they are the same, its accuracy is not that of strangers`,
        ]),
  ]
  return parts.length === 0 ? null : parts.join('; ')
}
