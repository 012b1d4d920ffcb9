import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { basename, join } from 'node:path'
import type { ImageSource } from '@arcface/data'
import { digestOf } from '@arcface/files'

export type Facts = [name: string, value: string][]

/** What a figure was measured with. */
export interface Measured {
  readonly model: string
  /** Where the data lie, as given; what was not given is left out. */
  readonly data: Readonly<Record<string, string | undefined>>
  readonly images: Iterable<ImageSource>
  /** Pairs, labels: whatever says what is done with the images. */
  readonly lists: readonly NodeJS.ArrayBufferView[]
}

/** What is needed to get the same figures again: hashes of model and data, versions, machine, date. */
export async function factsOf({ model, data, images, lists }: Measured): Promise<Facts> {
  const { encodedImage } = await import('@arcface/data')
  const { isRun } = await import('@arcface/recognize')
  const sum = createHash('sha256')
  for (const image of images) sum.update(encodedImage(image))
  for (const list of lists) sum.update(list)
  const file = await modelFile(model)
  const require = createRequire(import.meta.url)
  const { version } = require('../../package.json') as { version: string }
  const cpu = cpus()
  return [
    ['Model', model],
    ['SHA-256 of its weights', `${await sumOf(file)} (${basename(file)})`],
    ...Object.entries(data).filter((one): one is Facts[number] => one[1] !== undefined),
    ['SHA-256 of the data', sum.digest('hex')],
    ['arcface', version],
    ['Node', process.version],
    ...(isRun(model)
      ? [['libtorch', (await import('@arcface/libtorch')).torchVersion] as Facts[number]]
      : []),
    ['onnxruntime-node', packageVersion('onnxruntime-node')],
    ['sharp', packageVersion('sharp')],
    ['Machine', `${process.platform} ${process.arch}, ${cpu.length} x ${cpu[0]?.model ?? '?'}`],
    ['Date', new Date().toISOString().slice(0, 10)],
  ]
}

/** What holds the weights: an ONNX file, that of a pack, or of a run folder its best checkpoint's backbone. */
async function modelFile(model: string): Promise<string> {
  const { isRun, resolveModel } = await import('@arcface/recognize')
  if (isRun(model)) {
    const { findCheckpoint, weightsFile } = await import('@arcface/train')
    return weightsFile(findCheckpoint(model, 'best'))
  }
  return (await resolveModel(model)).path
}

/** An ONNX file's with the weights that it keeps in others. */
async function sumOf(file: string): Promise<string> {
  if (file.endsWith('.safetensors')) return digestOf(file, 'sha256')
  const { modelDigest } = await import('@arcface/data/onnx')
  return modelDigest(file)
}

/** Read from its package.json, which packages need not export. */
function packageVersion(name: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? []
  const file = folders.map((folder) => join(folder, name, 'package.json')).find(existsSync)
  if (file === undefined) return '?'
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
