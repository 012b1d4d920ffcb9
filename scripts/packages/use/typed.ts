// Compiled with every check of the library's own types on, not run.
import { DataError, openFolders } from '@arcface/data'
import { type VerificationResult, verification } from '@arcface/evaluate'
import { FilesError } from '@arcface/files'
import { type Gallery, openGallery } from '@arcface/gallery'
import { decodeModel } from '@arcface/onnx'
import { openEmbedder, type PhotoSource, Recognizer } from '@arcface/recognize'
import { cosine, type Embedder, type Photo } from '@arcface/vision'

export async function embedded(path: string, model: string): Promise<Float32Array> {
  const embedder: Embedder = await openEmbedder(model)
  const photo: Photo = { width: 112, height: 112, pixels: new Uint8Array(112 * 112 * 3) }
  try {
    return await embedder.embed(photo.pixels, 1)
  } catch (error) {
    if (error instanceof DataError || error instanceof FilesError) console.error(error.code, path)
    throw error
  }
}

export async function named(source: PhotoSource): Promise<number> {
  const recognizer = await Recognizer.open()
  const faces = await recognizer.embed(source)
  const gallery: Gallery = await openGallery('people')
  const [first] = faces
  return first ? cosine(first.embedding, first.embedding) : (await gallery.stats()).faces
}

export const figures = (input: Parameters<typeof verification>[0]): VerificationResult =>
  verification(input)

export const people = (root: string): number => openFolders([root]).classes.length
export const name = (bytes: Uint8Array): string => decodeModel(bytes, 'a.onnx').producerName
