import { readSidecar } from '@arcface/data/onnx'
import { messageOf } from '@arcface/files'
import { Embedder, type EmbedderOptions, type Sidecar } from '@arcface/vision'
import { RecognizeError } from '../errors.js'
import { BACKENDS } from '../network/backend.js'
import { modelFile, type NetworkOptions } from '../network/network.js'
import { checkOptions, type Kinds } from '../options.js'

export interface OpenEmbedderOptions extends Omit<EmbedderOptions, 'sidecar'>, NetworkOptions {}

const OPEN: Kinds<OpenEmbedderOptions> = {
  preprocessing: 'any',
  packPreprocessing: 'any',
  threads: 'number',
  backend: BACKENDS,
}

/**
 * Opens an ONNX file as an embedder; `<file>.json` beside it (`face.onnx.json`) says what a model of others wants.
 * @throws OnnxError; VisionError as `Embedder.open`; RecognizeError RECOGNIZE_LOAD, RECOGNIZE_BACKEND,
 *   RECOGNIZE_PREPROCESSING (the file beside it), RECOGNIZE_RUN, RECOGNIZE_USE
 */
export async function openEmbedder(
  path: string,
  options: OpenEmbedderOptions = {},
): Promise<Embedder> {
  checkOptions('openEmbedder', options, OPEN)
  const { threads, backend, ...own } = options
  const source = await modelFile(path, { threads, backend })
  return Embedder.open(source, { ...own, sidecar: sidecarOf(path) })
}

function sidecarOf(path: string): Sidecar | undefined {
  try {
    return readSidecar(path)
  } catch (cause) {
    throw new RecognizeError('RECOGNIZE_PREPROCESSING', messageOf(cause), { cause })
  }
}
