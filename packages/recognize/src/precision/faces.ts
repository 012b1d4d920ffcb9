import { decodeImage, isImageError } from '@arcface/data'
import { FaceFinder } from '@arcface/vision'
import { openDetector } from '../detect/open.js'
import { areAligned } from '../embeddings/aligned.js'
import { isOfPhoto } from '../errors.js'
import { resolveDetector } from '../models/resolve.js'
import { usePhoto } from '../photo/photo.js'

/** Some of many, as far apart as can be, in their order. */
export function spread<T>(all: readonly T[], most: number): T[] {
  const count = Math.min(all.length, most)
  return Array.from({ length: count }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / count)]!)
}

/**
 * Aligned faces, n x 112 x 112 x 3, of files that are aligned faces (all of 112 x 112) or photographs, of which it is the
 * largest face. What cannot be read or shows no face is passed over.
 * @param detector a pack or an ONNX file, for photographs; default: the one that goes with the model
 * @throws as `resolveDetector` and `openDetector`
 */
export async function facesOf(
  files: readonly string[],
  {
    detector,
    model,
    cache,
  }: { detector?: string | undefined; model: string; cache?: string | undefined },
): Promise<Uint8Array> {
  if (await areAligned(files)) return readAll(files, decodeImage)
  const { path, landmarks } = await resolveDetector(detector, model, { cache })
  const finder = new FaceFinder(await openDetector(path, { landmarks }))
  try {
    return await readAll(files, (file) =>
      usePhoto(file, {}, async (photo) => {
        const [face] = await finder.find(photo, { faces: 'largest' })
        return face?.pixels
      }),
    )
  } finally {
    await finder.close()
  }
}

async function readAll(
  files: readonly string[],
  read: (file: string) => Promise<Uint8Array | undefined>,
): Promise<Uint8Array> {
  const faces: Uint8Array[] = []
  for (const file of files)
    try {
      const face = await read(file)
      if (face) faces.push(face)
    } catch (error) {
      if (!isImageError(error) && !isOfPhoto(error)) throw error
    }
  return Buffer.concat(faces)
}
