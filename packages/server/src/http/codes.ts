import { filesErrors } from '@arcface/files'
import { galleryErrors } from '@arcface/gallery'
import { onnxErrors } from '@arcface/onnx'
import { recognizeErrors } from '@arcface/recognize'
import { visionErrors } from '@arcface/vision'
import { serverErrors } from '../errors.js'

/** Every code that an answer may have: what it means, and its status. */
export const codes: Readonly<
  Record<string, { readonly meaning: string; readonly status: number }>
> = {
  ...onnxErrors,
  ...visionErrors,
  ...filesErrors,
  ...recognizeErrors,
  ...galleryErrors,
  ...serverErrors,
}
