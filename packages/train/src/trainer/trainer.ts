import { type FolderDataset, Loader } from '@arcface/data'
import { keepMemory, manualSeed, setNumThreads } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { writeParts } from '../distributed/parts.js'
import type { Team } from '../distributed/team.js'
import { asTeam, batchOf, settingsOf } from '../distributed/training.js'
import { TrainError } from '../errors.js'
import { findCheckpoint, loadCheckpoint, readState, type Standing } from '../run/checkpoint.js'
import { changedKeys } from '../run/compatible.js'
import { createRun, readRun, runPaths } from '../run/folder.js'
import {
  appendMetrics,
  type StepMetrics,
  truncateMetrics,
  type VerifyMetrics,
} from '../run/metrics.js'
import { writeReport } from '../run/report.js'
import { stepsIn, tidy } from '../run/retention.js'
import { CheckpointWriter } from '../run/writer.js'
import type { Beginning } from '../weights/begin.js'
import { buildTraining, type Training } from './build.js'
import { openTrainingData } from './data.js'
import { NonFiniteGuard } from './non-finite.js'
import { settlePrecision } from './precision.js'
import { Speed } from './speed.js'
import { trainStep } from './step.js'
import { metricsOf, openSets, type VerifySet, verifyAll } from './verification.js'

/** What a trainer tells while it works. */
export interface TrainEvents {
  /** Once, before the first step. */
  onStart?: (plan: TrainPlan) => void
  /** After every step. */
  onStep?: (metrics: StepMetrics) => void
  onVerify?: (metrics: VerifyMetrics) => void
  onCheckpoint?: (folder: string) => void
  /** What is odd but no reason to stop. */
  onWarning?: (message: string) => void
  /** Aborted: the step is finished, a checkpoint saved, `train` returns. */
  signal?: AbortSignal
}

export interface TrainPlan {
  people: number
  images: number
  parameters: number
  /** Steps done already, of a resumed run. */
  step: number
  steps: number
  threads: number
  /** Processes that train together. */
  ranks: number
  /** What became of the weights to begin with, if any were named. */
  beginning: Beginning | null
}

export interface TrainResult {
  run: string
  step: number
  steps: number
  /** False if it was interrupted. */
  finished: boolean
  loss: number | null
  /** Results on the verification sets after the last step. */
  verification: VerifyMetrics[]
}

const EVERY = 10 // steps a line of metrics.jsonl

/** Trains as a configuration says, into a new run folder. @throws TrainError, DataError, EvaluateError */
export const train = (config: Config, events: TrainEvents = {}): Promise<TrainResult> =>
  asTeam(config, (team) => start(config, team, team.leads ? events : quiet(events)))

async function start(given: Config, team: Team, events: TrainEvents): Promise<TrainResult> {
  const dataset = openData(given)
  const sets = openSets(given)
  const begin = beginning(given, team)
  team.agree(settingsOf(given, dataset, 0))
  setNumThreads(given.train.threads || team.threads)
  const config = settlePrecision(given, team)
  const training = build(config, dataset, team)
  await using loader = openLoader(config, dataset, team, begin.globalBatch)
  if (team.leads) createRun(config.output, config, dataset.classes)
  team.meet()
  return await loop(config.output, config, dataset, loader, sets, training, begin, events)
}

/** A rank that does not lead takes part in the work, not in the talk. */
const quiet = ({ signal }: TrainEvents): TrainEvents => (signal ? { signal } : {})

type Start = Omit<Standing, 'samples' | 'stepsPerEpoch' | 'score'> & { globalBatch: number }

/** Where a run begins. */
const beginning = ({ train }: Config, { world }: Team): Start => ({
  ...{ step: 0, best: null, bestStep: null, stale: 0, lrShare: 1 },
  globalBatch: train.batchSize * world,
})

/**
 * Goes on with a run from its latest checkpoint, on as many ranks as there are now; from the beginning if it was ended
 * before the first. Clears what a killed process left behind. Errors as `train`.
 */
export function resume(run: string, events: TrainEvents = {}): Promise<TrainResult> {
  const { config, classes } = readRun(run)
  return asTeam(config, (team) =>
    goOn(run, config, classes, team, team.leads ? events : quiet(events)),
  )
}

async function goOn(
  run: string,
  config: Config,
  classes: string[],
  team: Team,
  events: TrainEvents,
): Promise<TrainResult> {
  const dataset = openData(config)
  const { checkpoints, metrics } = runPaths(run)
  const folder = stepsIn(checkpoints).length > 0 ? findCheckpoint(run) : null
  const state = folder === null ? null : readState(folder)
  const samples = state?.samples ?? dataset.samples.length
  if (dataset.samples.length !== samples || dataset.classes.join() !== classes.join())
    throw new TrainError(
      'TRAIN_DATA',
      `${run} was trained on ${samples} images of ${classes.length} people; ${config.data.roots.join(', ')} now hold ${dataset.samples.length} of ${dataset.classes.length}. Put the data back, or start a new run.`,
    )
  const changed = state ? changedKeys(run, state, config) : []
  const sets = openSets(config)
  const fresh = beginning(config, team)
  const begin = state
    ? { ...state, globalBatch: state.globalBatch ?? config.train.batchSize }
    : fresh
  team.agree(settingsOf(config, dataset, begin.step))
  const training = build(config, dataset, team)
  await using loader = openLoader(config, dataset, team, begin.globalBatch)
  if (folder) loadCheckpoint(folder, training)
  team.meet() // All have read before anything goes.
  if (team.leads) {
    tidy(run, checkpoints, begin.step, begin.bestStep)
    truncateMetrics(metrics, begin.step)
  }
  if (changed.length > 0)
    events.onWarning?.(
      `${changed.join(', ')} changed since step ${begin.step}: the run goes on, but not to the bits of the unbroken one`,
    )
  return await loop(run, config, dataset, loader, sets, training, begin, events)
}

function openData({ data }: Config): FolderDataset {
  const dataset = openTrainingData(data)
  if (dataset.classes.length < 2)
    throw new TrainError(
      'TRAIN_DATA',
      `${data.roots.join(', ')}: one person only; a margin needs at least two to stand between`,
    )
  return dataset
}

/** Before the run's folder is made: it refuses batches that the data cannot fill. */
function openLoader(
  { data, seed }: Config,
  { samples }: FolderDataset,
  { rank, world }: Team,
  globalBatch: number,
): Loader {
  return new Loader({
    samples,
    batchSize: batchOf(globalBatch, world, data.sampler),
    rank,
    world,
    ...(data.sampler && { sampler: data.sampler }),
    seed,
    workers: data.workers,
    augment: augmentOptions(data.augment),
    onBadImage: data.onBadImage,
  })
}

function build(config: Config, { classes }: FolderDataset, team: Team): Training {
  keepMemory()
  setNumThreads(config.train.threads || team.threads)
  manualSeed(config.seed)
  const training = buildTraining(config, classes.length, team)
  team.seed(config.seed)
  return training
}

async function loop(
  run: string,
  config: Config,
  dataset: FolderDataset,
  loader: Loader,
  sets: readonly VerifySet[],
  training: Training,
  start: Start,
  events: TrainEvents,
): Promise<TrainResult> {
  const { train, verify, checkpoint } = config
  const { samples } = dataset
  const { team } = training
  const { globalBatch } = start
  const { stepsPerEpoch } = loader
  const steps = stepsPerEpoch * train.epochs
  const { metrics: metricsFile } = runPaths(run)
  const speed = new Speed()
  const guard = new NonFiniteGuard(run, train.onNonFinite, samples, start.lrShare)
  let { step, best, bestStep, stale } = start
  let last: StepMetrics | null = null
  let results: VerifyMetrics[] = []
  const isStale = (count: number) => verify.patience > 0 && count >= verify.patience
  let ended = isStale(stale) // before the last step
  let measured: Awaited<ReturnType<typeof measure>> | null = null // after this step
  let savedAt = step > 0 ? step : -1 // a run that is interrupted at once can be gone on with, too

  const writer = new CheckpointWriter(run, config, events.onCheckpoint)
  const save = async (score: number | null) => {
    savedAt = step
    if (!team.leads) writeParts(runPaths(run).checkpoints, step, training, train.device)
    team.meet()
    if (!team.leads) return
    const { lrShare } = guard
    const counts = { step, stepsPerEpoch, samples: samples.length, globalBatch }
    await writer.save(training, { ...counts, best, bestStep, score, stale, lrShare })
  }
  const measure = async () => {
    // The others wait, and learn whether it was better.
    if (!team.leads) {
      const better = team.any(false)
      ended = team.any(false)
      return { better, score: null, found: [] }
    }
    const found = await verifyAll(sets, training, config)
    results = found.map((one) => metricsOf(step, one))
    for (const line of results) {
      appendMetrics(metricsFile, line)
      events.onVerify?.(line)
    }
    const score = results[0]?.accuracy ?? null
    const better = score !== null && (best === null || score > best)
    if (better) [best, bestStep] = [score, step]
    stale = better ? 0 : stale + 1
    speed.pause()
    const told = { better: team.any(better), score, found }
    ended = team.any(isStale(stale))
    return told
  }
  events.onStart?.({
    people: dataset.classes.length,
    images: samples.length,
    parameters: training.backbone.parameters().reduce((sum, one) => sum + one.size, 0),
    step,
    steps,
    threads: train.threads || team.threads,
    ranks: team.world,
    beginning: training.beginning,
  })
  for (const warning of dataset.warnings) events.onWarning?.(warning)
  let aborted = team.any(events.signal?.aborted ?? false)
  try {
    while (step < steps && !aborted && !ended) {
      const epoch = Math.floor(step / stepsPerEpoch)
      for await (const batch of loader.epoch(epoch, step % stepsPerEpoch)) {
        const { images, labels } = batch
        const { lrShare } = guard
        const outcome = trainStep(config, training, { images, labels, step, steps, lrShare })
        step++
        const warning = guard.check(step, outcome, batch)
        if (warning !== null) events.onWarning?.(warning)
        const { nonFinite, ...figures } = outcome
        measured = null
        last = { step, epoch, ...figures, imagesPerSecond: speed.add(globalBatch) }
        events.onStep?.(last)
        if (team.leads && (step % EVERY === 0 || step === steps)) appendMetrics(metricsFile, last)
        writer.check()
        aborted = team.any(events.signal?.aborted ?? false)
        if (step === steps || aborted) break
        const due = verify.every > 0 && step % verify.every === 0
        measured = due ? await measure() : null
        if (ended) break
        if (measured?.better || (checkpoint.every > 0 && step % checkpoint.every === 0))
          await save(measured?.score ?? null)
      }
    }
    for (const { path, message } of loader.skipped)
      events.onWarning?.(`left out ${path}: ${message}`)
    const finished = step === steps || ended
    if (finished) {
      const { score, found } = measured ?? (await measure())
      if (savedAt < step) await save(score)
      await writer.settled()
      if (team.leads) writeReport(run, config, found)
    } else if (savedAt < step) {
      await save(null)
    }
    await writer.settled()
    return { run, step, steps, finished, loss: last?.loss ?? null, verification: results }
  } finally {
    await writer.settled().catch(() => {}) // an error that ends the run is the one to tell
  }
}

/** As the loader wants it: radians, and what is off left out. */
function augmentOptions(augment: Config['data']['augment']) {
  const { blur, colorJitter, crop, cutout, lowResolution, rotate, ...rest } = augment
  return {
    ...rest,
    rotate: (rotate / 180) * Math.PI,
    ...(crop && { crop }),
    ...(lowResolution && { lowResolution }),
    ...(blur && { blur }),
    ...(colorJitter && { colorJitter }),
    ...(cutout && { cutout }),
  }
}
