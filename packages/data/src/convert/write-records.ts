import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { firstLine, OutputFile, writeWhole } from '@arcface/files'
import { DataError } from '../errors.js'
import { encodedImage, type ImageSource, imageFile } from '../images/source.js'
import { listField } from '../lists/field.js'
import { isRecords, listPath, propertyPath } from '../recordio/find.js'
import { packImage } from '../recordio/record.js'
import { RecordWriter } from '../recordio/writer.js'

/** Largest whole number up to which float32 holds every one: labels and keys of identities are float32. */
const EXACT = 2 ** 24

export interface WriteRecordsOptions {
  /** Called with the number of images written so far. */
  onProgress?: (images: number) => void
  /** Told what was left as it is. */
  onWarning?: (message: string) => void
}

/**
 * Writes people as InsightFace's tools do: `.rec` and `.idx` with the images as records 1, 2, ..., record 0 and the
 * records of identities; `.lst` (`key, label, name/file`, as MXNet's im2rec) and `property` (`classes,112,112`) beside
 * them, unless the folder holds another data set too, whose `property` it may be. Encoded images are copied as they are.
 *
 * @param path the `.rec`
 * @throws FilesError FILES_WRITE, FILES_READ; DataError DATA_OPTION, DATA_RECORDS; DATA_LIST for a name with a tab or line
 *   break
 */
export function writeRecords(
  path: string,
  people: readonly { name: string; images: readonly ImageSource[] }[],
  { onProgress, onWarning }: WriteRecordsOptions = {},
): void {
  for (const { name } of people) listField(name)
  const total = people.reduce((sum, { images }) => sum + images.length, 0)
  if (total + people.length + 1 > EXACT)
    throw new DataError(
      'DATA_OPTION',
      `${path}: records name identities by float32, which is exact up to ${EXACT} images and people; there are more. Write several files.`,
    )
  using records = new RecordWriter(path)
  using list = new OutputFile(listPath(path))
  const identities: [number, number][] = []
  let key = 1
  people.forEach(({ name, images }, label) => {
    const from = key
    for (const image of images) {
      records.add(key, packImage(label, key, encodedImage(image)))
      list.write(`${key}\t${label.toFixed(6)}\t${name}/${fileName(image, key - from + 1)}\n`)
      onProgress?.(key)
      key++
    }
    identities.push([from, key])
  })
  const end = key + identities.length
  records.add(0, packImage([key, end], 0, Buffer.alloc(0)))
  for (const identity of identities) {
    records.add(key, packImage(identity, key, Buffer.alloc(0)))
    key++
  }
  records.commit()
  list.commit()
  const property = propertyPath(path)
  if (isOthers(property, path))
    onWarning?.(`${property} was left as it is: it may be that of another data set in this folder.`)
  else writeWhole(property, `${people.length},112,112\n`)
}

/** Whether a `property` is there that another `.rec` of the folder may have, or that is none. */
function isOthers(property: string, path: string): boolean {
  if (!existsSync(property)) return false
  if (!/^\d+,\d+,\d+\s*$/.test(firstLine(property))) return true
  const own = basename(path)
  return readdirSync(dirname(path)).some((name) => name !== own && isRecords(name))
}

/** The file's own name; its number for what is no file, or would not stand in a line. */
function fileName(image: ImageSource, number: number): string {
  const name = basename(imageFile(image) ?? '')
  return name === '' || /[\t\r\n]/.test(name) ? `${String(number).padStart(4, '0')}.jpg` : name
}
