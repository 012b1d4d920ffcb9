import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { imageName, type Sample, writeImageList } from '@arcface/data'
import { degrees } from '@arcface/evaluate'
import { csvText } from '@arcface/evaluate/report'
import { setNumThreads } from '@arcface/libtorch'
import { loadCheckpoint } from '../checkpoint/load.js'
import { Team } from '../distributed/team.js'
import { TrainError } from '../errors.js'
import { embedPeople } from '../geometry/angles/embed.js'
import { embedder } from '../network/embed.js'
import { fileOfRun } from '../run/backbone.js'
import { findCheckpoint } from '../run/checkpoint.js'
import { readRun, writeWhole } from '../run/folder.js'
import { buildTraining } from '../step/build.js'
import { openRunData } from '../trainer/data.js'
import { type LikelyPerson, likelyPeople } from './likely.js'
import { cleanReport, SHOWN_SAMPLES, SHOWN_SUSPECTS, type Suspect } from './report.js'
import { type CentreUse, type ImageAngle, selectClean } from './select.js'

export interface CleanOptions {
  /** Radians: images farther from the dominant centre of their person go. The paper: 75 degrees. */
  limit: number
  /** Folder for `clean.txt`, `dropped.csv`, `centres.csv` and `report.html`. */
  out: string
  onProgress?: (done: number, total: number) => void
}

export interface CleanResult {
  people: number
  images: number
  /** To be dropped, the worst first. */
  dropped: {
    image: string
    person: string
    angle: number
    centre: number
    /** Of the other people the nearest, with the angle to the dominant centre; null if all are farther than the limit. */
    likely: { person: string; angle: number } | null
  }[]
  centres: (Omit<CentreUse, 'label'> & { person: string })[]
  /** Images that could not be decoded: not in the list either. */
  unreadable: string[]
  /** The list of what stays, for `data.list`. */
  list: string
  /** A page with pictures: what goes, beside whose it is said to be and whose it likely is. */
  report: string
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
      `${run} was trained with ${config.loss.name}, which has no sub-centers. Train with loss.name=subcenter-arcface first.`,
    )
  const { classes, samples } = openRunData(run)
  const folder = findCheckpoint(run, 'latest')
  setNumThreads(config.train.threads || availableParallelism())
  const model = buildTraining(config, classes.length, Team.alone(), fileOfRun(run, config))
  try {
    loadCheckpoint(folder, model)
    const people = { name: run, classes, samples }
    const embed = embedder(model.backbone, config.train)
    const seen = await embedPeople(people, embed, options.onProgress)
    const weights = model.head.centres!.toFloat32Array()
    const { centres, images, dominant } = selectClean(seen, weights, limit)
    const found = images.map((image, row) => ({ ...image, row, sample: samples[seen.rows[row]!]! }))
    const dropped = found.filter((one) => one.dropped).sort((a, b) => b.angle - a.angle)
    const likely = likelyPeople(
      seen,
      dropped.map(({ row }) => row),
      dominant,
      limit,
    )
    const report = join(out, 'report.html')
    const list = join(out, 'clean.txt')
    writeImageList(
      list,
      found.filter(({ dropped }) => !dropped).map(({ sample }) => sample),
    )
    const result = {
      people: classes.length,
      images: samples.length,
      dropped: dropped.map((one, i) => described(one, likely[i]!, classes)),
      centres: centres.map(({ label, ...one }) => ({ person: classes[label]!, ...one })),
      unreadable: seen.skipped,
      list,
      report,
    }
    writeTables(out, result)
    writeWhole(
      report,
      cleanReport(suspects(dropped, likely, found, classes), {
        dropped: dropped.length,
        facts: [
          ['Run', run],
          ['Images / people', `${samples.length} / ${classes.length}`],
          [
            'Dropped',
            `${dropped.length}, more than ${degrees(limit).toFixed(0)}° from their person`,
          ],
        ],
      }),
    )
    return result
  } finally {
    for (const part of [model.backbone, model.head, model.optimizer]) part.dispose()
  }
}

interface Found extends ImageAngle {
  sample: Sample
}

const described = (
  { sample, angle, centre }: Found,
  likely: LikelyPerson | null,
  classes: readonly string[],
) => ({
  image: imageName(sample),
  person: classes[sample.label]!,
  angle,
  centre,
  likely: likely && { person: classes[likely.label]!, angle: likely.angle },
})

/** The worst with samples of the people: those kept that are nearest to their centre. */
function suspects(
  dropped: readonly Found[],
  likely: readonly (LikelyPerson | null)[],
  found: readonly Found[],
  classes: readonly string[],
): Suspect[] {
  const shown = dropped.slice(0, SHOWN_SUSPECTS)
  const wanted = new Set(shown.flatMap(({ sample }, i) => [sample.label, likely[i]?.label]))
  const kept = found
    .filter((one) => !one.dropped && wanted.has(one.sample.label))
    .sort((a, b) => a.angle - b.angle)
  const person = (label: number) => ({
    name: classes[label]!,
    samples: kept
      .filter(({ sample }) => sample.label === label)
      .slice(0, SHOWN_SAMPLES)
      .map(({ sample, angle }) => ({ image: sample, angle })),
  })
  return shown.map(({ sample, angle }, i) => {
    const one = likely[i]
    return {
      image: sample,
      angle,
      filed: person(sample.label),
      likely: one ? { ...person(one.label), angle: one.angle } : null,
    }
  })
}

function writeTables(out: string, { dropped, centres }: CleanResult): void {
  writeWhole(
    join(out, 'dropped.csv'),
    csvText(
      ['image', 'person', 'degrees', 'nearest centre', 'likely person', 'likely degrees'],
      dropped.map(({ image, person, angle, centre, likely }) => [
        image,
        person,
        degrees(angle).toFixed(2),
        centre,
        likely?.person ?? '',
        likely ? degrees(likely.angle).toFixed(2) : '',
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
