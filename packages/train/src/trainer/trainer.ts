import { type FolderDataset, Loader, openPairs, type PairList } from '@arcface/data'
import { evaluateVerificationBoth, type VerificationResult } from '@arcface/evaluate'
import { keepMemory, manualSeed, setNumThreads } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { writeParts } from '../distributed/parts.js'
import type { Team } from '../distributed/team.js'
import { asTeam, batchOf, settingsOf } from '../distributed/training.js'
import { TrainError } from '../errors.js'
import { findCheckpoint, loadCheckpoint, readState, saveCheckpoint } from '../run/checkpoint.js'
import { createRun, readRun, runPaths } from '../run/folder.js'
import {
  appendMetrics,
  type StepMetrics,
  truncateMetrics,
  type VerifyMetrics,
} from '../run/metrics.js'
import { writeReport } from '../run/report.js'
import { buildTraining, type Training } from './build.js'
import { openTrainingData } from './data.js'
import { embedder } from './network.js'
import { NonFiniteGuard } from './non-finite.js'
import { Speed } from './speed.js'
import { trainStep } from './step.js'

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

async function start(config: Config, team: Team, events: TrainEvents): Promise<TrainResult> {
  const dataset = openData(config)
  const sets = openSets(config)
  const globalBatch = config.train.batchSize * team.world
  team.agree(settingsOf(config, dataset, 0))
  const training = build(config, dataset, team)
  await using loader = openLoader(config, dataset, team, globalBatch)
  if (team.leads) createRun(config.output, config, dataset.classes)
  team.meet()
  const begin = { step: 0, best: null, lrShare: 1, globalBatch }
  return await loop(config.output, config, dataset, loader, sets, training, begin, events)
}

/** A rank that does not lead takes part in the work, not in the talk. */
const quiet = ({ signal }: TrainEvents): TrainEvents => (signal ? { signal } : {})

/** Goes on with a run from its latest checkpoint, on as many ranks as there are now. Errors as `train`. */
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
  const folder = findCheckpoint(run)
  const state = readState(folder)
  if (dataset.samples.length !== state.samples || dataset.classes.join() !== classes.join())
    throw new TrainError(
      'TRAIN_DATA',
      `${run} was trained on ${state.samples} images of ${classes.length} people; ${config.data.roots.join(', ')} now hold ${dataset.samples.length} of ${dataset.classes.length}. Put the data back, or start a new run.`,
    )
  const sets = openSets(config)
  team.agree(settingsOf(config, dataset, state.step))
  const training = build(config, dataset, team)
  const globalBatch = state.globalBatch ?? config.train.batchSize
  await using loader = openLoader(config, dataset, team, globalBatch)
  loadCheckpoint(folder, training)
  if (team.leads) truncateMetrics(runPaths(run).metrics, state.step)
  const begin = { ...state, globalBatch }
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

interface VerifySet {
  name: string
  pairs: PairList
}

const openSets = ({ verify }: Config): VerifySet[] =>
  verify.sets.map(({ name, images, pairs }) => ({
    name,
    pairs: openPairs(pairs, images ?? undefined),
  }))

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
  start: { step: number; best: number | null; lrShare: number; globalBatch: number },
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
  let { step, best } = start
  let last: StepMetrics | null = null
  let results: VerifyMetrics[] = []
  let savedAt = step > 0 ? step : -1 // a run that is interrupted at once can be gone on with, too

  const save = (isBest: boolean) => {
    const { lrShare } = guard
    savedAt = step
    if (!team.leads) writeParts(runPaths(run).checkpoints, step, training)
    team.meet()
    if (!team.leads) return
    const state = { step, stepsPerEpoch, samples: samples.length, best, lrShare, globalBatch }
    const folder = saveCheckpoint(run, training, state, { isBest, keep: checkpoint.keep })
    events.onCheckpoint?.(folder)
  }
  const measure = async () => {
    // The others wait, and learn whether it was better.
    if (!team.leads) return { better: team.any(false), found: [] }
    const found = await verifyAll(sets, training, config)
    results = found.map((one) => metricsOf(step, one))
    for (const line of results) {
      appendMetrics(metricsFile, line)
      events.onVerify?.(line)
    }
    const [first] = results
    const better = first !== undefined && (best === null || first.accuracy > best)
    if (better) best = first.accuracy
    speed.pause()
    return { better: team.any(better), found }
  }

  events.onStart?.({
    people: dataset.classes.length,
    images: samples.length,
    parameters: training.backbone.parameters().reduce((sum, one) => sum + one.size, 0),
    step,
    steps,
    threads: train.threads || team.threads,
    ranks: team.world,
  })
  for (const warning of dataset.warnings) events.onWarning?.(warning)
  let aborted = team.any(events.signal?.aborted ?? false)
  while (step < steps && !aborted) {
    const epoch = Math.floor(step / stepsPerEpoch)
    for await (const batch of loader.epoch(epoch, step % stepsPerEpoch)) {
      const { images, labels } = batch
      const { lrShare } = guard
      const outcome = trainStep(config, training, { images, labels, step, steps, lrShare })
      step++
      const warning = guard.check(step, outcome, batch)
      if (warning !== null) events.onWarning?.(warning)
      const { nonFinite, ...figures } = outcome
      last = { step, epoch, ...figures, imagesPerSecond: speed.add(globalBatch) }
      events.onStep?.(last)
      if (team.leads && (step % EVERY === 0 || step === steps)) appendMetrics(metricsFile, last)
      aborted = team.any(events.signal?.aborted ?? false)
      if (step === steps || aborted) break
      const due = verify.every > 0 && step % verify.every === 0
      const better = due && (await measure()).better
      if (better || (checkpoint.every > 0 && step % checkpoint.every === 0)) save(better)
    }
  }
  for (const { path, message } of loader.skipped) events.onWarning?.(`left out ${path}: ${message}`)
  const finished = step === steps
  if (finished) {
    const { better, found } = await measure()
    if (savedAt < step || better) save(better)
    if (team.leads) writeReport(run, config, found)
  } else if (savedAt < step) {
    save(false)
  }
  return { run, step, steps, finished, loss: last?.loss ?? null, verification: results }
}

/** Results with flip; the thresholds are those without, for whoever embeds an image once. */
interface Verified {
  name: string
  result: VerificationResult
  thresholdAtFar: VerificationResult['thresholdAtFar']
}

async function verifyAll(
  sets: readonly VerifySet[],
  { backbone }: Training,
  { train }: Config,
): Promise<Verified[]> {
  const found: Verified[] = []
  for (const { name, pairs } of sets) {
    const { plain, flip } = await evaluateVerificationBoth(pairs, embedder(backbone, train), {
      batchSize: train.batchSize,
    })
    found.push({ name, result: flip, thresholdAtFar: plain.thresholdAtFar })
  }
  return found
}

const metricsOf = (step: number, { name, result, thresholdAtFar }: Verified): VerifyMetrics => {
  const { accuracy, std, auc, tarAtFar } = result
  return { step, set: name, accuracy, std, auc, tarAtFar, thresholdAtFar }
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
