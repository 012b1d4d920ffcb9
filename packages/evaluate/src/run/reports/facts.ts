import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { basename } from 'node:path'
import { encodedImage, type ImageSource } from '@arcface/data'
import { modelDigest } from '@arcface/data/onnx'
import { digestOf } from '@arcface/files'

export type Facts = readonly (readonly [name: string, value: string])[]

/** How a figure came to be: what a report says, so that anyone can get it again. */
export interface Provenance {
  /** As it was named. */
  readonly model: string
  /** The file that holds its weights: an ONNX file, or `.safetensors` of a run. */
  readonly weights: string
  /** Of what computed it, by name, in the order of the report. */
  readonly versions: Facts
  /** To be run again. */
  readonly command: string
}

/** What was measured. */
export interface Measured {
  /** Where the data lie, as given; what was not given is left out. */
  readonly data: Readonly<Record<string, string | undefined>>
  readonly images: Iterable<ImageSource>
  /** Pairs, labels: whatever says what is done with the images. */
  readonly lists: readonly NodeJS.ArrayBufferView[]
}

/**
 * What is needed to get the same figures again: hashes of model and data, versions, machine, date.
 * @throws FilesError, DataError, OnnxError for what can no longer be read
 */
export async function factsOf(
  { model, weights, versions }: Omit<Provenance, 'command'>,
  { data, images, lists }: Measured,
): Promise<Facts> {
  const sum = createHash('sha256')
  for (const image of images) sum.update(encodedImage(image))
  for (const list of lists) sum.update(list)
  const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string }
  const cpu = cpus()
  return [
    ['Model', model],
    ['SHA-256 of its weights', `${await sumOfWeights(weights)} (${basename(weights)})`],
    ...Object.entries(data).filter((one): one is [string, string] => one[1] !== undefined),
    ['SHA-256 of the data', sum.digest('hex')],
    ['arcface', version],
    ['Node', process.version],
    ...versions,
    ['Machine', `${process.platform} ${process.arch}, ${cpu.length} x ${cpu[0]?.model ?? '?'}`],
    ['Date', new Date().toISOString().slice(0, 10)],
  ]
}

/** What a model's weights are known by: an ONNX file's with those that it keeps in others. */
export const sumOfWeights = (file: string): Promise<string> =>
  file.endsWith('.safetensors') ? digestOf(file, 'sha256') : modelDigest(file)
