import { basename, dirname } from 'node:path'
import {
  type ImageSource,
  imageName,
  isPairs,
  openFolders,
  openPairs,
  type PairList,
  type People,
} from '@arcface/data'
import { pairWarnings } from '../verification/contradictions.js'
import { identitiesFromPairs, numberNames } from '../verification/identities.js'

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

/** In folders of people a person is called by the one that the images lie in. */
export const personOf = (image: string): string => basename(dirname(image))

/** The name of the folder that an image lies in, as LFW names people. */
const folderOf = (image: ImageSource): string | undefined =>
  typeof image === 'string' ? image.split(/[\\/]/).at(-2) : undefined

/** Labels of a list that contradict each other or the folders, in words. */
export const listWarnings = (list: PairList): string[] =>
  pairWarnings({
    ...list,
    names: list.images.map(imageName),
    people: list.images.map(folderOf),
  })

/**
 * Folders of people, a `.rec`, or pairs, of whose people often nothing is known but what the pairs tell.
 * @param images where the images of a list of pairs lie
 * @throws DataError
 */
export function openPeople(
  path: string,
  images?: string,
): People & { readonly warnings: readonly string[] } {
  if (!isPairs(path)) return openFolders([path])
  const list = openPairs(path, images)
  const people = peopleOf(list)
  const classes: string[] = []
  const samples = list.images.map((image, row) => {
    const label = people[row]!
    classes[label] ??= folderOf(image) ?? `who is on ${imageName(image)}`
    return { ...(typeof image === 'string' ? { path: image } : image), label }
  })
  return { classes, samples, warnings: [] }
}
