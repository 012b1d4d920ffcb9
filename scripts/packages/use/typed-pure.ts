// For a page: without Node's types, with every check of the library's own types on.
import { type VerificationResult, verification } from '@arcface/evaluate'
import { decodeModel } from '@arcface/onnx'
import { type Detection, Embedder, type Network, type Photo } from '@arcface/vision'

export const figures = (input: Parameters<typeof verification>[0]): VerificationResult =>
  verification(input)
export const opsets = (bytes: Uint8Array): number => decodeModel(bytes, 'a.onnx').opsetImport.length
export const close = async (network: Network): Promise<void> => network.close()
export const area = ({ width, height }: Photo): number => width * height
export const isEmbedder = (value: unknown): value is Embedder => value instanceof Embedder
export type Found = readonly Detection[]
