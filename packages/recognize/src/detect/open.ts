import { Detector } from '@arcface/vision'
import { BACKENDS } from '../network/backend.js'
import { modelFile, type NetworkOptions } from '../network/network.js'
import { checkOptions, type Kinds } from '../options.js'
import { shrinkPhoto } from '../photo/shrink.js'

export interface OpenDetectorOptions extends NetworkOptions {
  /** For a detector that gives no points (UltraFace): an ONNX file of 68 points from a 64 x 64 grey crop. */
  readonly landmarks?: string | undefined
  /** Faces with a lower score are left out. Default: what the detector's authors use. */
  readonly minScore?: number | undefined
}

const OPEN: Kinds<OpenDetectorOptions> = {
  landmarks: 'text',
  minScore: 'number',
  threads: 'number',
  backend: BACKENDS,
}

/** Opens an ONNX file as a detector. @throws OnnxError; VisionError as `Detector.open`; RecognizeError RECOGNIZE_LOAD, RECOGNIZE_BACKEND, RECOGNIZE_USE */
export async function openDetector(
  path: string,
  options: OpenDetectorOptions = {},
): Promise<Detector> {
  checkOptions('openDetector', options, OPEN)
  const { landmarks, minScore, ...network } = options
  return Detector.open(await modelFile(path, network), {
    minScore,
    shrink: shrinkPhoto,
    landmarks: landmarks === undefined ? undefined : await modelFile(landmarks, network),
  })
}
