import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { imageName, type Sample, writeImageList } from '@arcface/data'
import { csvText } from '@arcface/evaluate/report'
import { setNumThreads } from '@arcface/libtorch'
import { TrainError } from '../errors.js'
import { embedPeople } from '../geometry/angles/embed.js'
import { degrees } from '../geometry/angles.js'
import { findCheckpoint, loadCheckpoint } from '../run/checkpoint.js'
import { readRun, writeWhole } from '../run/folder.js'
import { buildTraining } from '../trainer/build.js'
import { openRunData } from '../trainer/data.js'
import { embedder } from '../trainer/network.js'
import { type CentreUse, type ImageAngle, selectClean } from './select.js'

export interface CleanOptions {
  /** Radians: images farther from the dominant centre of their person go. The paper: 75 degrees. */
  limit: number
  /** Folder for `clean.txt`, `dropped.csv` and `centres.csv`. */
  out: string
  onProgress?: (done: number, total: number) => void
}

export interface CleanResult {
  people: number
  images: number
  /** To be dropped, the worst first. */
  dropped: { image: string; person: string; angle: number; centre: number }[]
  centres: (Omit<CentreUse, 'label'> & { person: string })[]
  /** Images that could not be decoded: not in the list either. */
  unreadable: string[]
  /** The list of what stays, for `data.list`. */
  list: string
}

/**
 * Lists what a run with sub-centers shows to be mislabelled: the images far from the dominant centre of their person,
 * and the centres that are not dominant; writes the list of the rest, on which to train again with one centre a person.
 * @throws TrainError TRAIN_RUN for a run of another loss, TRAIN_CHECKPOINT, TRAIN_DATA; DataError
 */
export async function cleanRun(run: string, options: CleanOptions): Promise<CleanResult> {
  const { limit, out } = options
  const { config } = readRun(run)
  if (config.loss.name !== 'subcenter-arcface')
    throw new TrainError(
      'TRAIN_RUN',
      `${run} was trained with ${config.loss.name}, which has one centre a person. Train with loss.name=subcenter-arcface first.`,
    )
  const { classes, samples } = openRunData(run)
  const folder = findCheckpoint(run, 'latest')
  setNumThreads(config.train.threads || availableParallelism())
  const model = buildTraining(config, classes.length)
  try {
    loadCheckpoint(folder, model)
    const people = { name: run, classes, samples }
    const embed = embedder(model.backbone, config.train)
    const seen = await embedPeople(people, embed, options.onProgress)
    const weights = model.head.centres!.toFloat32Array()
    const { centres, images } = selectClean(seen, weights, limit)
    const found = images.map((image, row) => ({ ...image, sample: samples[seen.rows[row]!]! }))
    const list = join(out, 'clean.txt')
    writeImageList(
      list,
      found.filter(({ dropped }) => !dropped).map(({ sample }) => sample),
    )
    const result = {
      people: classes.length,
      images: samples.length,
      dropped: found
        .filter(({ dropped }) => dropped)
        .sort((a, b) => b.angle - a.angle)
        .map((one) => described(one, classes)),
      centres: centres.map(({ label, ...one }) => ({ person: classes[label]!, ...one })),
      unreadable: seen.skipped,
      list,
    }
    writeTables(out, result)
    return result
  } finally {
    for (const part of [model.backbone, model.head, model.optimizer]) part.dispose()
  }
}

const described = (
  { sample, angle, centre }: ImageAngle & { sample: Sample },
  classes: readonly string[],
) => ({ image: imageName(sample), person: classes[sample.label]!, angle, centre })

function writeTables(out: string, { dropped, centres }: CleanResult): void {
  writeWhole(
    join(out, 'dropped.csv'),
    csvText(
      ['image', 'person', 'degrees', 'nearest centre'],
      dropped.map(({ image, person, angle, centre }) => [
        image,
        person,
        degrees(angle).toFixed(2),
        centre,
      ]),
    ),
  )
  writeWhole(
    join(out, 'centres.csv'),
    csvText(
      ['person', 'centre', 'images', 'kept'],
      centres.map(({ person, centre, images, dominant }) => [
        person,
        centre,
        images,
        dominant ? 'yes' : 'no',
      ]),
    ),
  )
}
