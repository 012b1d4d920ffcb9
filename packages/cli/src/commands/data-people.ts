import type { People } from '@arcface/data'
import { warn } from '../printable.js'

/** Folders of people, a `.rec`, or pairs, of whose people often nothing is known but what the pairs tell. */
export async function openPeople(path: string, images: string | undefined): Promise<People> {
  const { imageName, isPairs, openFolders, openPairs } = await import('@arcface/data')
  if (!isPairs(path)) {
    const set = openFolders([path])
    for (const warning of set.warnings) warn(warning)
    return set
  }
  const { folderOf, peopleOf } = await import('@arcface/evaluate/run')
  const list = openPairs(path, images)
  const people = peopleOf(list)
  const classes: string[] = []
  const samples = list.images.map((image, row) => {
    const label = people[row]!
    classes[label] ??= folderOf(image) ?? `who is on ${imageName(image)}`
    return { ...(typeof image === 'string' ? { path: image } : image), label }
  })
  return { classes, samples }
}
