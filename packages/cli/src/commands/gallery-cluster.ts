import { join } from 'node:path'
import type { Command } from 'commander'
import { typed } from '../hints.js'
import { tellSkipped } from '../model/photographs.js'
import { reasonsFor } from '../model/quality.js'
import { openRecognizer, type RecognizerOptions } from '../model/recognizer.js'
import { decisionOf, inWords, type ThresholdOptions } from '../model/thresholds.js'
import { printable, warn, writeOut } from '../printable.js'

interface Options extends RecognizerOptions, ThresholdOptions {
  json?: boolean
}

interface Unknown {
  photo: string
  embedding: Float32Array
}

/** Faces of a folder that are nobody's of the gallery, by person. */
export async function cluster(path: string, folder: string, options: Options, command: Command) {
  const { chooseSearchThreshold } = await import('@arcface/vision')
  const { clusterFaces, identifyPhoto, openGallery, openGalleryOf } = await import(
    '@arcface/gallery'
  )
  const { isOfPhoto, listPhotos } = await import('@arcface/recognize')
  const { photos, left } = listPhotos(folder)
  if (photos.length === 0) command.error(`error: ${folder} holds no photograph`)
  await (await openGallery(path)).close() // a gallery that is not there is not made
  const recognizer = await openRecognizer(options)
  try {
    const gallery = await openGalleryOf(recognizer, path)
    const decision = decisionOf(options)
    if (chooseSearchThreshold(recognizer.thresholds, decision, 1).threshold === null)
      command.error('error: the model names no threshold; give one with --threshold')
    const unknown: Unknown[] = []
    const skipped = left.map(({ path, reason }) => ({ photo: path, reason }))
    let known = 0
    try {
      for (const photo of photos) {
        const path = join(folder, photo)
        const faces = await identifyPhoto(gallery, recognizer, path, decision).catch((error) => {
          if (!isOfPhoto(error)) throw error
          skipped.push({ photo, reason: error.message })
          return []
        })
        for (const face of faces) {
          if (face.matches.length > 0) known++
          // Poor faces are alike, whoever they are.
          else if (face.rejected.length > 0)
            skipped.push({ photo, reason: `a face is ${await reasonsFor(face)}` })
          else unknown.push({ photo, embedding: face.embedding })
        }
      }
    } finally {
      await gallery.close()
    }
    const { dim } = recognizer.model
    const rows = new Float32Array(unknown.length * dim)
    for (const [i, { embedding }] of unknown.entries()) rows.set(embedding, i * dim)
    // Each is searched among the others, so that as many make as high a threshold as a gallery of them.
    const chosen = chooseSearchThreshold(recognizer.thresholds, decision, unknown.length)
    const labels = await clusterFaces(rows, dim, chosen.threshold ?? 1)
    const clusters: string[][] = []
    for (const [i, label] of labels.entries()) {
      clusters[label] ??= []
      clusters[label].push(unknown[i]!.photo)
    }
    if (chosen.warning !== null) warn(typed(chosen.warning))
    if (options.json) writeOut(`${JSON.stringify({ ...chosen, known, clusters, skipped })}\n`)
    else {
      writeOut(`${printable(inWords(chosen))}\n`)
      writeOut(
        `${known === 1 ? '1 face is' : `${known} faces are`} known, ${unknown.length} are of ${clusters.length} unknown people\n`,
      )
      for (const [label, members] of clusters.entries())
        writeOut(`unknown ${label + 1}: ${members.map(printable).join(', ')}\n`)
      tellSkipped('skipped', skipped)
    }
  } finally {
    await recognizer.close()
  }
}
