import { join, relative } from 'node:path'
import type { ClusteredPhotos } from '@arcface/gallery'
import type { ListedPhotos } from '@arcface/recognize'
import type { Command } from 'commander'
import { requireGallery, withGallery } from '../model/gallery.js'
import type { KeyOptions } from '../model/gallery-key.js'
import { tellSkipped } from '../model/photographs.js'
import type { RecognizerOptions } from '../model/recognizer.js'
import { decisionOf, inWords, type ThresholdOptions } from '../model/thresholds.js'
import { typed } from '../terminal/hints.js'
import { printable, warn, writeOut } from '../terminal/printable.js'
import { progress } from '../terminal/progress.js'

interface Options extends RecognizerOptions, KeyOptions, ThresholdOptions {
  json?: boolean
}

/** Faces of a folder that are nobody's of the gallery, by person. */
export async function cluster(path: string, folder: string, options: Options, command: Command) {
  const { chooseSearchThreshold } = await import('@arcface/vision')
  const { clusterPhotos } = await import('@arcface/gallery')
  const { listPhotos } = await import('@arcface/recognize')
  const { photos, left } = listPhotos(folder)
  if (photos.length === 0) command.error(`error: ${folder} holds no photograph`)
  await requireGallery(path, options)
  await withGallery(path, options, async (gallery, recognizer) => {
    const decision = decisionOf(options)
    if (chooseSearchThreshold(recognizer.thresholds, decision, 1).threshold === null)
      command.error('error: the model names no threshold; give one with --threshold')
    const paths = photos.map((photo) => join(folder, photo))
    const given = { ...decision, onProgress: progress('photographs') }
    const found = await clusterPhotos(gallery, recognizer, paths, given)
    print(found, folder, left, options)
  })
}

/** Photographs are named as they lie in the folder. */
function print(
  { known, clusters: found, skipped: without, ...chosen }: ClusteredPhotos,
  folder: string,
  left: ListedPhotos['left'],
  { json }: Options,
): void {
  const named = (photo: string) => relative(folder, photo)
  const clusters = found.map((photos) => photos.map(named))
  const skipped = [
    ...left.map(({ path, reason }) => ({ photo: path, reason })),
    ...without.map(({ photo, reason }) => ({ photo: named(photo), reason })),
  ]
  if (chosen.warning !== null) warn(typed(chosen.warning))
  if (json) {
    writeOut(`${JSON.stringify({ ...chosen, known, clusters, skipped })}\n`)
    return
  }
  const faces = clusters.reduce((sum, { length }) => sum + length, 0)
  writeOut(`${printable(inWords(chosen))}\n`)
  writeOut(
    `${known === 1 ? '1 face is' : `${known} faces are`} known, ${faces} are of ${clusters.length} unknown people\n`,
  )
  for (const [label, members] of clusters.entries())
    writeOut(`unknown ${label + 1}: ${members.map(printable).join(', ')}\n`)
  tellSkipped('skipped', skipped)
}
