import { existsSync, linkSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { FilesError, liesWithin, makeFolder, readWhole, writeWhole } from '@arcface/files'
import { shuffle } from '@arcface/vision'
import { DataError } from '../errors.js'
import type { FolderDataset } from './folders.js'
import type { Sample } from './sample.js'
import { unfilled } from './unfilled.js'

export interface SplitOptions {
  /** Folders that are made, beside each other and what is divided; must be empty where they exist. */
  train: string
  test: string
  /** Of the people who are tested on, above 0 and below 1; at least one person is on each side. */
  share: number
  seed: number
  onProgress?: (done: number) => void
}

export interface SplitCounts {
  people: number
  images: number
}

/** Streams of a seed: that of the split. */
const SPLIT_STREAM = 0x5917

/**
 * Divides people into two folders, train and test, nobody in both: what is measured on the second is of people who were
 * not trained on. Images are hard links where the file system has them between the two places, else copies.
 *
 * @returns how many are in each, and whether images were copied
 * @throws DataError DATA_OPTION (a folder lies in another, among others); FilesError FILES_WRITE (a folder is not
 *   empty, among others), FILES_DISK_FULL
 */
export function splitPeople(
  { classes, samples }: FolderDataset,
  { train, test, share, seed, onProgress }: SplitOptions,
): { train: SplitCounts; test: SplitCounts; copied: boolean } {
  if (!(share > 0 && share < 1) || classes.length < 2)
    throw new DataError(
      'DATA_OPTION',
      `${classes.length} people cannot be divided with a share of ${share}: give two people at least, and a share between 0 and 1.`,
    )
  const count = Math.min(classes.length - 1, Math.max(1, Math.round(share * classes.length)))
  const tested = new Set(shuffle(seed, SPLIT_STREAM, classes.length).subarray(0, count))
  for (const sample of samples)
    if (sample.offset !== undefined)
      throw new DataError(
        'DATA_OPTION',
        `${sample.path} holds records, and links are made of files.`,
        { hint: 'Make folders of it first with `writeFolders`.' },
      )
  for (const folder of [train, test]) checkEmpty(folder)
  checkApart(samples, train, test)
  const counts = { train: { people: 0, images: 0 }, test: { people: 0, images: 0 } }
  const seen = new Set<number>()
  let copied = false
  samples.forEach((sample, i) => {
    const side = tested.has(sample.label) ? 'test' : 'train'
    const folder = join(side === 'test' ? test : train, classes[sample.label]!)
    if (!seen.has(sample.label)) counts[side].people++
    seen.add(sample.label)
    counts[side].images++
    if (place(sample, folder)) copied = true
    onProgress?.(i + 1)
  })
  return { ...counts, copied }
}

function checkEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new FilesError(
      'FILES_WRITE',
      `${folder} is not empty, and people of another split might be on both sides. Remove it or name a new folder.`,
    )
}

/** In one folder people would be on both sides, or the next reader of the source would find them twice. */
function checkApart(samples: readonly Sample[], train: string, test: string): void {
  const roots = new Set(samples.map(({ path }) => dirname(dirname(path))))
  const places = [
    ...[...roots].flatMap((root) => [[train, root] as const, [test, root] as const]),
    ...[[train, test] as const, [test, train] as const],
  ]
  for (const [inner, outer] of places)
    if (liesWithin(inner, outer))
      throw new DataError(
        'DATA_OPTION',
        `${inner} ${inner === outer ? 'is named twice' : `lies in ${outer}`}: training, test and source are three folders beside each other.`,
      )
}

/** @returns whether it was copied */
function place({ path }: Sample, folder: string): boolean {
  try {
    makeFolder(folder)
    const target = freePath(folder, basename(path))
    try {
      linkSync(path, target)
      return false
    } catch {
      // Another file system, or one without links.
      writeWhole(target, readWhole(path), { flushed: false })
      return true
    }
  } catch (error) {
    throw unfilled(folder, error)
  }
}

/** A person of two roots may have two images of one name. */
function freePath(folder: string, name: string): string {
  for (let i = 0; ; i++) {
    const path = join(folder, i === 0 ? name : `${i}-${name}`)
    if (!existsSync(path)) return path
  }
}
