import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { firstLine, firstNames, forEachLine } from '@arcface/files'
import { IMAGE_SIZE } from '@arcface/vision'
import { DataError } from '../errors.js'
import { listPath, propertyPath } from '../recordio/find.js'
import { type RecordEntry, RecordFile } from '../recordio/reader.js'
import { broken } from '../recordio/record.js'
import { NOBODY, type Person, type Sample } from './sample.js'

/**
 * The people of a `.rec`, ordered by label. With InsightFace's records of identities two reads a person tell whose
 * images are whose; without them the header of every record is read.
 *
 * @param warnings takes one sentence for what is odd
 * @throws FilesError FILES_READ; DataError DATA_RECORDS, DATA_RECORD_INDEX, DATA_EMPTY_FOLDER
 */
export function listRecordPeople(path: string, warnings: string[]): Person[] {
  using file = new RecordFile(path)
  const byLabel = fromIdentities(file, warnings) ?? fromImages(file)
  if (byLabel.size === 0)
    throw new DataError('DATA_EMPTY_FOLDER', `${path} holds no record with an image.`)
  checkProperty(path, byLabel.size, warnings)
  const names = readNames(path, warnings)
  return [...byLabel]
    .sort(([a], [b]) => a - b)
    .map(([label, images]) => ({ name: names.get(label) ?? String(label), images }))
}

/** Labels with their images. */
type ByLabel = Map<number, Sample[]>

/**
 * Record 0 has labels `first, end`: the images are the records 1 to first - 1, and the records first to end - 1 have
 * labels `from, to`, an identity's images. Null where there is no such record, or it does not fit the file.
 */
function fromIdentities(file: RecordFile, warnings: string[]): ByLabel | null {
  const zero = file.find(0)
  if (zero === undefined) return null
  const { flag, labels: head, imageBytes } = file.peek(zero)
  if (flag < 2 || imageBytes > 0) return null
  const [first, end] = head as unknown as [number, number]
  const byLabel: ByLabel = new Map()
  let next = 0
  for (let key = first; key < end; key++) {
    const entry = file.find(key)
    const identity = entry && file.peek(entry)
    const [from = 0, to = 0] = identity?.flag === 2 ? identity.labels : []
    // Identities that share images would multiply them.
    const fits = next + (to - from) < first
    const images = fits ? samplesOf(file, from, to) : []
    if (identity?.flag !== 2 || !fits || images.length !== to - from) {
      warnings.push(
        `${file.path}: its records of identities do not fit its images (identity ${key}); labels were read from each image.`,
      )
      return null
    }
    next += images.length
    if (images.length > 0) add(byLabel, labelOf(file, file.find(from)!), images)
  }
  if (next === first - 1) return byLabel
  warnings.push(
    `${file.path}: its records of identities name ${next} of ${first - 1} images; labels were read from each image.`,
  )
  return null
}

/** The images of consecutive keys, up to the first that is missing. */
function samplesOf(file: RecordFile, from: number, to: number): Sample[] {
  const samples: Sample[] = []
  for (let key = from; key < to; key++) {
    const entry = file.find(key)
    if (entry === undefined) break
    samples.push(sampleOf(file, entry))
  }
  return samples
}

/** Its label is set when all people are known. */
const sampleOf = ({ path }: RecordFile, { offset, length }: RecordEntry): Sample => ({
  path,
  label: NOBODY,
  offset,
  length,
})

function fromImages(file: RecordFile): ByLabel {
  const byLabel: ByLabel = new Map()
  for (let i = 0; i < file.count; i++) {
    const entry = file.entry(i)
    const { labels, imageBytes } = file.peek(entry)
    if (imageBytes > 0) add(byLabel, checkLabel(file, entry, labels[0]!), [sampleOf(file, entry)])
  }
  return byLabel
}

const labelOf = (file: RecordFile, entry: RecordEntry) =>
  checkLabel(file, entry, file.peek(entry).labels[0]!)

function checkLabel({ path }: RecordFile, { key }: RecordEntry, label: number): number {
  if (Number.isSafeInteger(label) && label >= 0) return label
  throw broken(path, `record ${key} has the label ${label}, which is no whole number`)
}

function add(byLabel: ByLabel, label: number, images: Sample[]): void {
  const known = byLabel.get(label)
  if (known === undefined) byLabel.set(label, images)
  else for (const image of images) known.push(image)
}

/** Warns where a `property` beside the `.rec` tells of other people, or of images that are no aligned faces. */
function checkProperty(path: string, people: number, warnings: string[]): void {
  const file = propertyPath(path)
  if (!existsSync(file)) return
  const first = firstLine(file).slice(0, 80)
  const [classes, height, width, ...more] = first.split(',').map(Number)
  const said = `${file} says "${first}"`
  if (![classes, height, width].every(Number.isSafeInteger) || more.length > 0)
    warnings.push(`${said}, which is not "classes,height,width"; it was left alone.`)
  else if (height !== IMAGE_SIZE || width !== IMAGE_SIZE)
    warnings.push(`${said}, but aligned faces are ${IMAGE_SIZE} x ${IMAGE_SIZE}.`)
  else if (classes !== people)
    warnings.push(`${said}, but ${path} holds ${people} people with images.`)
}

/**
 * Names of people by label, where a `.lst` lies beside the `.rec`: the folder of a label's first image. Lines are
 * `key, label, ..., path` (MXNet's im2rec) or `aligned, path, label, ...` (InsightFace), parted by tabs. A label that
 * lines call differently has no name, and two of one name are not told apart by it.
 */
function readNames(path: string, warnings: string[]): Map<number, string> {
  const names = new Map<number, string>()
  const list = listPath(path)
  if (!existsSync(list)) return names
  const unsure = new Set<number>()
  forEachLine(list, (bytes, start, end) => {
    const fields = bytes.toString('utf8', start, end).split('\t')
    const second = fields[1] ?? ''
    const insightFace = second.trim() === '' || Number.isNaN(Number(second))
    const label = Number(insightFace ? fields[2] : second)
    if (!Number.isSafeInteger(label)) return
    const name = basename(dirname(insightFace ? second : fields.at(-1)!))
    if (name === '' || name === '.' || name === '..') return
    if ((names.get(label) ?? name) !== name) unsure.add(label)
    else names.set(label, name)
  })
  if (unsure.size > 0)
    warnings.push(
      `${list} has several names for ${unsure.size} of its labels (${firstNames([...unsure].map(String))}); these people are called by their numbers.`,
    )
  for (const label of unsure) names.delete(label)
  const labels = new Map([...names].reverse().map(([label, name]) => [name, label]))
  for (const [label, name] of names) if (labels.get(name) !== label) names.delete(label)
  return names
}
