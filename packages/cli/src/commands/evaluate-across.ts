import { basename, dirname } from 'node:path'
import type { Doubt } from '@arcface/evaluate'
import type { Thresholds } from '@arcface/onnx'
import { embedFiles } from '../model/embed.js'
import { photographsOf } from '../model/photographs.js'
import { reasonsFor } from '../model/quality.js'
import type { RecognizerOptions } from '../model/recognizer.js'
import { progress } from '../progress.js'

/** A face whose label is wrong in all likelihood. */
interface LeftOut {
  photo: string
  person: string
  why: string
}

export interface Across {
  thresholds: Thresholds
  /** Folders that show one person. */
  merged: [string, string][]
  leftOut: LeftOut[]
  /** Photographs without a face, or that cannot be read. */
  skipped: { photo: string; reason: string }[]
}

/** Thresholds of all pairs of faces of two people; a person is a folder, by its name. */
export async function thresholdsAcross(
  folders: readonly string[],
  options: RecognizerOptions & { flip?: boolean; leaveOutDoubtful?: boolean },
): Promise<Across> {
  const { doubtfulLabels, impostorsAcross, measureThresholds, numberNames } = await import(
    '@arcface/evaluate'
  )
  const { pairsAbove } = await import('@arcface/recognize')
  const { files, passedOver: skipped } = await photographsOf(folders)
  const { dim, results, close } = await embedFiles(files, { ...options, faces: 'largest' })
  const faces: { photo: string; embedding: Float32Array }[] = []
  const onProgress = progress('images')
  try {
    let done = 0
    for await (const batch of results) {
      for (const result of batch)
        if ('skipped' in result) skipped.push({ photo: result.path, reason: result.skipped })
        else
          for (const { path, embedding, face } of result.faces) {
            const poor = face ? await reasonsFor(face) : ''
            // Of which no verdict is given, and which are alike, whoever they are.
            if (poor !== '') skipped.push({ photo: path, reason: `the face is ${poor}` })
            else faces.push({ photo: path, embedding })
          }
      done += batch.length
      onProgress(done, files.length)
    }
  } finally {
    await close()
  }
  const rows = new Float32Array(faces.length * dim)
  for (const [i, { embedding }] of faces.entries()) rows.set(embedding, i * dim)
  const nameOf = (row: number) => basename(dirname(faces[row]!.photo))
  const given = numberNames(faces.map((_, row) => nameOf(row)))
  const names = new Map(Array.from(given, (one, row) => [one, nameOf(row)]))
  const doubtful = options.leaveOutDoubtful
    ? await doubtfulLabels(rows, dim, given, pairsAbove)
    : { person: given, merged: [], left: new Map<number, Doubt>() }
  const impostors = await impostorsAcross(rows, dim, doubtful.person, pairsAbove)
  return {
    thresholds: measureThresholds(impostors, folders.map((folder) => basename(folder)).join(', ')),
    merged: doubtful.merged.map(([a, b]) => [names.get(a)!, names.get(b)!]),
    leftOut: Array.from(doubtful.left, ([row, other]) => ({
      photo: faces[row]!.photo,
      person: nameOf(row),
      why: typeof other === 'number' ? `seems to be ${names.get(other)}` : other,
    })),
    skipped,
  }
}
