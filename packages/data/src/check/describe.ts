import { statSync } from 'node:fs'
import { extname } from 'node:path'
import { type FolderDataset, openFolders } from '../folders/folders.js'
import { type IjbKind, ijbKind } from '../ijb/kind.js'
import { readLandmarks, readSubjects, readTemplateMedia, readTemplatePairs } from '../ijb/lists.js'
import { isPairs, openPairs } from '../pairs/open.js'

/** Of folders of people, or a `.rec`. */
export interface PeopleCounts {
  readonly identities: number
  readonly images: number
  /** Of a person. */
  readonly fewestImages: number
  readonly medianImages: number
  readonly mostImages: number
  readonly bytes: number
  /** Files that are no images. */
  readonly ignored: number
  readonly warnings: readonly string[]
}

/** Of a list of pairs, or a `.bin`. */
export interface PairCounts {
  readonly pairs: number
  readonly matched: number
  readonly mismatched: number
  readonly folds: number
  readonly images: number
}

/** Of a list of IJB: which it is, and what is in it. */
export interface TemplateListCounts {
  readonly list: string
  readonly [what: string]: string | number
}

/**
 * What is in a data set, counted.
 * @param images where the images of a list of pairs lie
 * @throws DataError, FilesError for what is no data set, or cannot be read
 */
export function describeData(
  path: string,
  images?: string,
): PeopleCounts | PairCounts | TemplateListCounts {
  const kind = ['.txt', '.csv'].includes(extname(path).toLowerCase()) ? ijbKind(path) : null
  if (kind !== null) return ofTemplates(path, kind)
  return isPairs(path) ? ofPairs(path, images) : ofPeople(path)
}

/** How many images a person has. */
export function imagesAPerson({
  classes,
  samples,
}: Pick<FolderDataset, 'classes' | 'samples'>): Pick<
  PeopleCounts,
  'fewestImages' | 'medianImages' | 'mostImages'
> {
  const counts = new Uint32Array(classes.length)
  for (const { label } of samples) counts[label]!++
  counts.sort()
  return {
    fewestImages: counts[0]!,
    medianImages: counts[counts.length >> 1]!,
    mostImages: counts.at(-1)!,
  }
}

function ofPeople(path: string): PeopleCounts {
  const dataset = openFolders([path])
  const { classes, samples, ignored, warnings } = dataset
  return {
    identities: classes.length,
    images: samples.length,
    ...imagesAPerson(dataset),
    bytes: samples.reduce((sum, { path, length }) => sum + (length ?? statSync(path).size), 0),
    ignored: ignored.length,
    warnings,
  }
}

function ofPairs(path: string, images: string | undefined): PairCounts {
  const list = openPairs(path, images)
  return { ...labelsOf(list.same), folds: list.folds, images: list.images.length }
}

function labelsOf(same: Uint8Array) {
  const matched = same.reduce((sum, one) => sum + one, 0)
  return { pairs: same.length, matched, mismatched: same.length - matched }
}

function ofTemplates(path: string, kind: IjbKind): TemplateListCounts {
  if (kind === 'media') {
    const { names, templates, media } = readTemplateMedia(path)
    return {
      list: 'templates and media',
      images: distinct(names),
      templates: distinct(templates),
      media: distinct(media),
    }
  }
  if (kind === 'pairs') {
    const { a, b, same } = readTemplatePairs(path)
    return { list: 'pairs of templates', ...labelsOf(same), templates: distinct(a, b) }
  }
  if (kind === 'subjects') {
    const { templates, subjects } = readSubjects(path)
    return {
      list: 'templates and people',
      templates: distinct(templates),
      identities: distinct(subjects),
    }
  }
  const { names, scores } = readLandmarks(path)
  return {
    list: 'landmarks and scores',
    images: distinct(names),
    lowestScore: scores.reduce((least, one) => Math.min(least, one)),
  }
}

function distinct(...lists: Iterable<number | string>[]): number {
  const all = new Set<number | string>()
  for (const list of lists) for (const one of list) all.add(one)
  return all.size
}
