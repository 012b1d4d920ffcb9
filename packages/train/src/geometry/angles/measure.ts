import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { openFolders } from '@arcface/data'
import { manualSeed, setNumThreads } from '@arcface/libtorch'
import { loadCheckpoint } from '../../checkpoint/load.js'
import { Team } from '../../distributed/team.js'
import { TrainError } from '../../errors.js'
import { embedder } from '../../network/embed.js'
import { fileOfRun } from '../../run/backbone.js'
import { findCheckpoint, readState } from '../../run/checkpoint.js'
import { readRun, runPaths } from '../../run/folder.js'
import { buildTraining } from '../../step/build.js'
import type { Training } from '../../step/training.js'
import { openRunData } from '../../trainer/data.js'
import { type Embedded, embedPeople, type People } from './embed.js'
import { type AngleHistogram, angleHistogram } from './histogram.js'
import {
  type AngleStatistics,
  angleStatistics,
  anglesToCentres,
  type CentreStatistics,
  centreStatistics,
  directionsOf,
  dominantCentres,
  embeddingCentres,
} from './statistics.js'

/** Angles of a trained run, in radians. */
export interface RunAngles {
  run: string
  loss: string
  /** Steps of the checkpoint that was measured. */
  step: number
  /** W-EC and W-Inter, or null for a loss without centres. */
  centres: CentreStatistics | null
  /** The training data first, then the other folders. */
  sets: SetAngles[]
  /** Angles of training images to the centre of their person, before the first step and at each kept checkpoint. */
  history: { step: number; histogram: AngleHistogram }[]
}

export interface SetAngles extends AngleStatistics {
  name: string
  people: number
  images: number
}

export interface MeasureOptions {
  /** `best` (the latest if nothing was verified, the default) or `latest`. */
  checkpoint?: 'best' | 'latest'
  /** Whether to look at the other checkpoints too. Default: true. */
  history?: boolean
  onProgress?: (what: string, done: number, total: number) => void
  onWarning?: (message: string) => void
}

/** Images that the histograms are of, spread evenly over the training data. */
const SAMPLE = 2000

/**
 * Measures the angles of the paper's table 3 on a run's training data and on folders of other people, and how the
 * angles of training images to their centres moved while it was trained.
 * @throws TrainError TRAIN_RUN, TRAIN_CHECKPOINT, TRAIN_DATA; DataError for a folder
 */
export async function measureAngles(
  run: string,
  folders: readonly string[],
  { checkpoint = 'best', history: wanted = true, ...events }: MeasureOptions = {},
): Promise<RunAngles> {
  const { config, classes } = readRun(run)
  const folder = findCheckpoint(run, checkpoint)
  const { step } = readState(folder)
  const training = { name: 'training data', ...openRunData(run) }
  const others = folders.map((path) => peopleIn(path, [path]))
  setNumThreads(config.train.threads || availableParallelism())
  manualSeed(config.seed) // as the trainer does: the untrained network is the run's own
  const model = buildTraining(config, classes.length, Team.alone(), fileOfRun(run, config))
  try {
    const look = (people: People, what: string) =>
      embedPeople(people, embedder(model.backbone, config.train), (done, total) =>
        events.onProgress?.(`${run}: ${what}`, done, total),
      )
    const sample = thin(training)
    const history = []
    for (const at of wanted ? [0, ...checkpointSteps(run)] : []) {
      if (at > 0) loadCheckpoint(join(runPaths(run).checkpoints, `step-${at}`), model)
      const seen = await look(sample, `step ${at}`)
      history.push({ step: at, histogram: angleHistogram(anglesToOwn(seen, model)) })
    }
    loadCheckpoint(folder, model)
    const first = await look(training, training.name)
    const sets = [describe(training, first)]
    const centres = weightsOf(model)
    const skipped = [...first.skipped]
    for (const people of others) {
      const seen = await look(people, people.name)
      sets.push(describe(people, seen))
      skipped.push(...seen.skipped)
    }
    for (const path of skipped) events.onWarning?.(`left out ${path}: it cannot be decoded`)
    return {
      run,
      loss: config.loss.name,
      step,
      centres: centres ? centreStatistics(first, centres) : null,
      sets,
      history,
    }
  } finally {
    for (const part of [model.backbone, model.head, model.optimizer]) part.dispose()
  }
}

function peopleIn(name: string, roots: readonly string[]): People {
  const { classes, samples } = openFolders(roots)
  if (classes.length < 2)
    throw new TrainError(
      'TRAIN_DATA',
      `${name}: one person only; an angle between people wants two`,
    )
  return { name, classes, samples }
}

/** Some images of each person. */
function thin(people: People): People {
  const every = Math.max(1, Math.floor(people.samples.length / SAMPLE))
  const seen = new Map<number, number>()
  const samples = people.samples.filter(({ label }) => {
    const before = seen.get(label) ?? 0
    seen.set(label, before + 1)
    return before % every === 0
  })
  return { ...people, samples }
}

const checkpointSteps = (run: string): number[] =>
  readdirSync(runPaths(run).checkpoints)
    .flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)

const weightsOf = ({ head }: Training): Float32Array | null => {
  const { centres } = head
  return centres && (centres.toTypedArray() as Float32Array)
}

/** To the trained centre, or where the loss has none, to that of the embeddings. */
function anglesToOwn(seen: Embedded, model: Training): Float64Array {
  const own = embeddingCentres(seen)
  const weights = weightsOf(model)
  return anglesToCentres(
    seen,
    weights ? dominantCentres(own, directionsOf(weights, seen.dim), seen) : own,
  )
}

const describe = ({ name, classes }: People, seen: Embedded): SetAngles => ({
  name: basename(name),
  people: classes.length,
  images: seen.labels.length,
  ...angleStatistics(seen),
})
