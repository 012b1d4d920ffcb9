import { realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { firstNames } from '@arcface/files'
import { DataError } from '../errors.js'
import { imageKey, readImageList } from '../lists/images.js'
import { findRecords, isRecords } from '../recordio/find.js'
import { isHidden, isImage, list, warnOfIgnored } from './list.js'
import { listRecordPeople } from './record-people.js'
import { NOBODY, type Person, type Sample } from './sample.js'

/** What lies in one or several folders of people or `.rec` files. Nothing has been decoded. */
export interface FolderDataset {
  /** Names of the people; the position is the label. */
  classes: string[]
  /** Ordered by label, then by file name. */
  samples: Sample[]
  /** What was left out because it is no image or no folder of images, by path. */
  ignored: string[]
  /** One plain sentence each, for the user: what is odd but was no reason to stop. */
  warnings: string[]
}

export interface OpenFoldersOptions {
  /** A person with one image can never be a matched pair: keep it and warn (the default), or stop. */
  onSingleImage?: 'warn' | 'error'
  /** A file that names the images to take and moves some to other people, as `writeImageList` writes it. Default: all. */
  list?: string | undefined
}

/**
 * Lists folders in which every person is a folder of images: `root/person/image.jpg`; a root may also be an MXNet
 * `.rec` file, or a folder that holds one and no people, whose people are called by their label or as the `.lst` beside it
 * says. What begins with a dot is hidden (`.ipynb_checkpoints`, macOS's `._x.jpg`): it is left out, as what is no image.
 *
 * Labels follow the order of the roots, then the names of the people by code point. The same name in two roots means
 * two people, told apart as `root/name`.
 *
 * @throws DataError DATA_FOLDER_MISSING, DATA_EMPTY_FOLDER, DATA_SINGLE_IMAGE, DATA_OPTION (a root given twice);
 *   DATA_LIST (names an image that the roots have not); DATA_RECORDS, DATA_RECORD_INDEX of a `.rec`; FilesError
 *   FILES_READ, FILES_LINE
 */
export function openFolders(
  roots: readonly string[],
  options: OpenFoldersOptions = {},
): FolderDataset {
  if (roots.length === 0)
    throw new DataError('DATA_OPTION', 'No image folder was given: name at least one.')
  const dataset: FolderDataset = { classes: [], samples: [], ignored: [], warnings: [] }
  const sources = roots.map((root) => sourceOf(root, dataset))
  const everybody = sources.map(({ people }) => people)
  checkDistinct(sources.map(({ path }) => path))
  const prefixes = distinctPrefixes(roots)
  const people =
    options.list === undefined
      ? everybody
      : onlyListed(everybody, classNames(everybody, prefixes), options.list)

  const names = classNames(people, prefixes)
  people.forEach((peopleOfRoot, r) => {
    const single: string[] = []
    for (const [i, { name, images }] of peopleOfRoot.entries()) {
      if (images.length === 1) single.push(name)
      const label = dataset.classes.push(names[r]![i]!)
      for (const image of images) {
        image.label = label - 1 // not copied: there may be millions
        dataset.samples.push(image)
      }
    }
    if (single.length > 0)
      reportSingle(roots[r] ?? options.list!, single, options.onSingleImage, dataset.warnings)
  })
  warnOfIgnored(dataset)
  return dataset
}

/** The people of a root, and the folder or `.rec` that they are in. */
function sourceOf(root: string, { ignored, warnings }: FolderDataset) {
  const path = isRecords(root) ? root : peopleOrRecords(root, ignored)
  if (typeof path === 'string') return { path, people: listRecordPeople(path, warnings) }
  return { path: root, people: path }
}

/** The people in a folder; where there are none, the `.rec` in it. */
function peopleOrRecords(root: string, ignored: string[]): Person[] | string {
  const others: string[] = []
  const people = listPeople(root, others)
  if (people.length === 0 && others.some(isRecords)) return findRecords(root)
  if (people.length === 0)
    throw new DataError(
      'DATA_EMPTY_FOLDER',
      `${root} holds no folder with images${others.length > 0 ? ` (found: ${firstNames(others, 5)})` : ''}. ` +
        'Put the images of each person into a folder of its own: root/person/image.jpg.',
    )
  for (const one of others) ignored.push(one)
  return people
}

function listPeople(root: string, ignored: string[]): Person[] {
  const people: Person[] = []
  for (const { name, kind } of list(root)) {
    const folder = join(root, name)
    if (kind !== 'folder' || isHidden(name)) {
      ignored.push(folder)
      continue
    }
    const images: Sample[] = []
    for (const entry of list(folder)) {
      const path = join(folder, entry.name)
      if (isImage(entry)) images.push({ path, label: NOBODY })
      else ignored.push(path)
    }
    if (images.length > 0) people.push({ name, images })
    else ignored.push(folder)
  }
  return people
}

/** What each person of each root is called: by the root too where two roots have the name. */
function classNames(people: readonly Person[][], prefixes: readonly string[]): string[][] {
  const roomsOfName = new Map<string, number>()
  for (const { name } of people.flat()) roomsOfName.set(name, (roomsOfName.get(name) ?? 0) + 1)
  return people.map((peopleOfRoot, r) =>
    peopleOfRoot.map(({ name }) => (roomsOfName.get(name)! > 1 ? `${prefixes[r]}/${name}` : name)),
  )
}

/**
 * People without a listed image are left out. Images that the list moves come last of the person they are moved to;
 * people who have only such images stand behind the roots, in the order of the list.
 * @param names what each person is called without the list
 */
function onlyListed(
  roots: readonly Person[][],
  names: readonly string[][],
  list: string,
): Person[][] {
  const wanted = readImageList(list)
  const moved = new Map(
    [...wanted.values()].flatMap((name) => (name === null ? [] : [[name, [] as Sample[]]])),
  )
  const take = (image: Sample): boolean => {
    const key = imageKey(image)
    const person = wanted.get(key)
    wanted.delete(key)
    if (typeof person === 'string') moved.get(person)!.push(image)
    return person === null
  }
  const kept = roots.map((people) =>
    people.map(({ name, images }) => ({ name, images: images.filter(take) })),
  )
  for (const [r, people] of kept.entries())
    for (const [i, { images }] of people.entries()) {
      const name = names[r]![i]!
      for (const image of moved.get(name) ?? []) images.push(image)
      moved.delete(name)
    }
  const [missing] = wanted.keys()
  if (missing !== undefined)
    throw new DataError(
      'DATA_LIST',
      `${list} names ${wanted.size === 1 ? 'an image' : `${wanted.size} images`} that the folders do not have, such as ${missing.replace('\t', ' at byte ')}. ` +
        'Use it with the folders that it was made for, from the same working folder.',
    )
  const twice = roots.flat().find(({ name }) => moved.has(name))
  if (twice)
    throw new DataError(
      'DATA_LIST',
      `${list} moves images to ${twice.name}, who is in two of the folders; put the folder before the name.`,
    )
  const people = [...kept, Array.from(moved, ([name, images]) => ({ name, images }))].map((all) =>
    all.filter(({ images }) => images.length > 0),
  )
  if (people.every((all) => all.length === 0))
    throw new DataError('DATA_LIST', `${list} names no image.`)
  return people
}

function checkDistinct(roots: readonly string[]): void {
  const seen = new Set<string>()
  for (const root of roots) {
    const real = realpathSync(root)
    if (seen.has(real))
      throw new DataError(
        'DATA_OPTION',
        `${root} is given twice, so that each of its people would be two. Give it once.`,
      )
    seen.add(real)
  }
}

/** The roots' own names where these differ, else the roots as they were given. */
function distinctPrefixes(roots: readonly string[]): readonly string[] {
  const names = roots.map((root) => basename(realpathSync(root)))
  return new Set(names).size === names.length ? names : roots
}

function reportSingle(
  root: string,
  names: string[],
  policy: 'warn' | 'error' = 'warn',
  warnings: string[],
): void {
  const who = names.length === 1 ? '1 person has' : `${names.length} people have`
  const message = `${root}: ${who} one image only: ${firstNames(names, 5)}.`
  if (policy === 'error')
    throw new DataError('DATA_SINGLE_IMAGE', `${message} Add images of them or remove the folders.`)
  warnings.push(message)
}
