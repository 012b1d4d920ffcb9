import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { modelDigest } from '@arcface/data/onnx'
import { checkRegular } from '@arcface/files'
import {
  type ArcfaceMetadata,
  type PreprocessingInput,
  type Thresholds,
  thresholdsOf,
} from '@arcface/onnx'
import { RecognizeError } from '../errors.js'
import { type InstalledPack, installedPack, openPack, partPath } from '../models/installed.js'
import { DEFAULT_PACK } from '../models/registry.js'

/** The embedder that a model names. */
export interface EmbedderPart {
  /** Of the pack, or the file. */
  readonly name: string
  readonly path: string
  /** Of the file, hexadecimal: embeddings of different models do not mix. */
  readonly sha256: string
  readonly preprocessing: PreprocessingInput | undefined
  /** Of the pack; a file's own stand in its metadata, see `ownThresholds`. */
  readonly thresholds: Thresholds | undefined
}

/** A model's own thresholds: of its pack, else of its file's metadata. */
export const ownThresholds = (
  { thresholds }: Pick<EmbedderPart, 'thresholds'>,
  metadata: ArcfaceMetadata | undefined,
): Thresholds | undefined => thresholds ?? (metadata && thresholdsOf(metadata))

export interface DetectorPart {
  readonly path: string
  readonly landmarks: string | undefined
}

/**
 * An ONNX file or the name of an installed pack, as an embedder.
 * @throws RecognizeError RECOGNIZE_PACK, RECOGNIZE_USE (a run folder)
 */
export async function findEmbedder(model: string, cache?: string): Promise<EmbedderPart> {
  if (isFile(model)) {
    const sha256 = await modelDigest(model)
    return { name: model, path: model, sha256, preprocessing: undefined, thresholds: undefined }
  }
  if (existsSync(model)) {
    if (!statSync(model).isDirectory()) checkRegular(model)
    throw new RecognizeError(
      'RECOGNIZE_USE',
      existsSync(join(model, 'config.yaml'))
        ? `${model} is a run; make an ONNX file of it first: arcface export ${model} --onnx FILE`
        : `${model} is a folder, and no run of arcface train; name an ONNX file, a run or an installed pack`,
    )
  }
  const installed = await openPack(model, cache)
  const { embedder } = installed.pack
  if (embedder === null)
    throw new RecognizeError('RECOGNIZE_PACK', `the pack ${model} holds a detector, no embedder`)
  return {
    name: model,
    path: partPath(installed, embedder.file),
    sha256: await modelDigest(partPath(installed, embedder.file)),
    preprocessing: embedder.preprocessing,
    thresholds: embedder.thresholds,
  }
}

/**
 * The detector given (an ONNX file or a pack), else the model's own, else that of the default pack.
 * @throws RecognizeError RECOGNIZE_PACK
 */
export async function findDetector(
  given: string | undefined,
  model: string,
  cache?: string,
): Promise<DetectorPart> {
  if (given !== undefined && isFile(given)) return { path: given, landmarks: undefined }
  if (given !== undefined) {
    const part = detectorOf(await openPack(given, cache))
    if (part) return part
    throw new RecognizeError('RECOGNIZE_PACK', `the pack ${given} holds no detector`)
  }
  const hasOwn = !isFile(model) && (await installedPack(model, cache)) !== undefined
  const own = hasOwn ? detectorOf(await openPack(model, cache)) : undefined
  return own ?? detectorOf(await openPack(DEFAULT_PACK, cache))!
}

function detectorOf(installed: InstalledPack): DetectorPart | undefined {
  const { detector, landmarks } = installed.pack
  if (detector === null) return undefined
  return {
    path: partPath(installed, detector),
    landmarks: landmarks === null ? undefined : partPath(installed, landmarks),
  }
}

const isFile = (path: string) => existsSync(path) && statSync(path).isFile()
