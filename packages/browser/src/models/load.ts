import type { PreprocessingInput, Thresholds } from '@arcface/onnx'
import { BrowserError } from '../errors.js'
import {
  type EmbedderGiven,
  type FileGiven,
  type FileSource,
  isGiven,
  type ModelsGiven,
} from './source.js'

/** How far a download is, in bytes. */
export interface DownloadProgress {
  /** Of the model: its name. */
  readonly file: string
  readonly loaded: number
  /** Where it is known. */
  readonly total?: number | undefined
  /** Whether it was here already. */
  readonly cached: boolean
}

export interface LoadOptions {
  /** False: nothing is kept for the next visit. */
  readonly cache?: boolean | undefined
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

export interface ModelFile {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Hexadecimal. */
  readonly sha256: string
}

export interface LoadedModels {
  /** Of the pack, or the embedder's file. */
  readonly name: string
  readonly detector: ModelFile
  readonly landmarks?: ModelFile | undefined
  readonly embedder: ModelFile
  /** Of the pack, or given with the embedder. */
  readonly preprocessing?: PreprocessingInput | undefined
  readonly thresholds?: Thresholds | undefined
}

/** @throws BrowserError BROWSER_DOWNLOAD */
export async function loadModels(
  models: ModelsGiven,
  options: LoadOptions = {},
): Promise<LoadedModels> {
  if (typeof models === 'string' || models instanceof URL)
    throw new BrowserError('BROWSER_USE', 'packs are not read yet')
  const given = (one: FileSource | FileGiven): FileGiven => (isGiven(one) ? one : { from: one })
  const [detector, landmarks, embedder] = await Promise.all([
    loadFile(given(models.detector), options),
    models.landmarks === undefined ? undefined : loadFile(given(models.landmarks), options),
    loadFile(given(models.embedder), options),
  ])
  const { preprocessing, thresholds }: Partial<EmbedderGiven> = given(models.embedder)
  return { name: embedder.name, detector, landmarks, embedder, preprocessing, thresholds }
}

async function loadFile({ from, name }: FileGiven, { signal }: LoadOptions): Promise<ModelFile> {
  const called = name ?? (typeof from === 'string' ? from.split('/').at(-1)! : 'model')
  const response =
    typeof from === 'string'
      ? await fetch(from, { signal: signal ?? null })
      : new Response(from as Blob)
  const bytes = new Uint8Array(await response.arrayBuffer())
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const sha256 = [...sum].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return { name: called, bytes, sha256 }
}
