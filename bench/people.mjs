// People of folders with their embeddings, as several benches take them.
import { basename, dirname, join } from 'node:path'
import { areAligned, embedAligned, embedPhotos, photosIn, Recognizer } from '@arcface/recognize'

/**
 * The faces of folders of people, aligned ones or photographs: of each person, folder and embedding.
 * @param model what opened the embedder
 */
export async function facesOf(folders, embedder, model) {
  const faces = []
  for (const folder of folders) {
    const files = photosIn(folder).map((file) => join(folder, file))
    const aligned = await areAligned(files)
    const recognizer = aligned ? undefined : await Recognizer.open({ model })
    const results = recognizer
      ? embedPhotos(recognizer, files, { faces: 'largest' })
      : embedAligned(embedder, files)
    for await (const batch of results)
      for (const { path, faces: found = [] } of batch)
        for (const { embedding } of found)
          faces.push({ person: basename(dirname(path)), embedding, folder })
    await recognizer?.close()
  }
  return faces
}

/** The embeddings of faces, row by row. */
export function rowsOf(faces, dim) {
  const rows = new Float32Array(faces.length * dim)
  for (const [i, { embedding }] of faces.entries()) rows.set(embedding, i * dim)
  return rows
}
