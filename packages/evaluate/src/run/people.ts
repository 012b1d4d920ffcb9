import type { ImageSource, PairList } from '@arcface/data'
import { identitiesFromPairs, numberNames } from '../bootstrap/identities.js'

/**
 * People of a list's images: by the folders that they lie in where these agree with the labels, else
 * (a .bin, which names nobody) as far as the pairs tell.
 */
export function peopleOf({ images, a, b, same }: PairList): Int32Array {
  const folders = images.map(folderOf)
  if (folders.every((name) => name !== undefined)) {
    const people = numberNames(folders)
    if (same.every((label, p) => (people[a[p]!] === people[b[p]!]) === (label === 1))) return people
  }
  return identitiesFromPairs(images.length, a, b, same)
}

/** The name of the folder that an image lies in, as LFW names people. */
export const folderOf = (image: ImageSource): string | undefined =>
  typeof image === 'string' ? image.split(/[\\/]/).at(-2) : undefined
