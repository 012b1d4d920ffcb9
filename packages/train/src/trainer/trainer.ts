import { basename } from 'node:path'
import { type FolderDataset, Loader } from '@arcface/data'
import { keepMemory, manualSeed, setNumThreads, tryAlgorithms } from '@arcface/libtorch'
import { loadCheckpoint } from '../checkpoint/load.js'
import { formatConfig } from '../config/load.js'
import { withAbsolutePaths } from '../config/paths.js'
import type { Config } from '../config/schema.js'
import { Distillation } from '../distill/distillation.js'
import { teachAll } from '../distill/teach.js'
import { openTeacher, type Teacher } from '../distill/teacher.js'
import type { Team } from '../distributed/team.js'
import { asTeam, batchOf, settingsOf } from '../distributed/training.js'
import { TrainError } from '../errors.js'
import { truncateEvents } from '../events/writer.js'
import { fileOf, withFile } from '../network/build.js'
import type { EmbedderFile } from '../network/embedder-file.js'
import { fileOfRun, teacherOfRun } from '../run/backbone.js'
import { findCheckpoint, readState } from '../run/checkpoint.js'
import { changedKeys } from '../run/compatible.js'
import { createRun, readRun, runPaths, writeWhole } from '../run/folder.js'
import { lockRun } from '../run/lock.js'
import { truncateMetrics } from '../run/metrics.js'
import { stepsIn, tidy } from '../run/retention.js'
import { buildTraining } from '../step/build.js'
import type { Training } from '../step/training.js'
import { openSets } from '../verification/verification.js'
import { beginAtMeans } from './centres.js'
import { checkSameData, openTrainingData } from './data.js'
import type { TrainEvents, TrainResult } from './events.js'
import { runSteps, type Start, type Steps } from './loop.js'
import { measureNorms } from './norms.js'
import { settlePrecision } from './precision.js'

/** Trains as a configuration says, into a new run folder. @throws TrainError, DataError, EvaluateError */
export const train = (config: Config, events: TrainEvents = {}): Promise<TrainResult> =>
  asTeam(config, (team) => start(config, team, team.leads ? events : quiet(events)))

async function start(asked: Config, team: Team, events: TrainEvents): Promise<TrainResult> {
  const file = fileOf(asked.model)
  const given = withFile(asked, file)
  const dataset = openTrainingData(given)
  const sets = await openSets(given)
  const begin = beginning(given, team)
  const teacher = given.distill && (await openTeacher(given.distill, given))
  const config = agreeOn(given, { file, dataset, teacher, step: 0 }, team)
  using training = build(config, file, dataset, team)
  await using loader = openLoader(config, dataset, team, begin.globalBatch)
  using _ = team.leads ? await lockRun(config.output) : null
  if (team.leads) createRun(config.output, config, dataset.classes, file)
  team.meet()
  return await go(config.output, {
    config,
    dataset,
    loader,
    sets,
    training,
    teacher,
    start: begin,
    isNew: true,
    events,
  })
}

/** What is computed once, before the first step; then the steps. */
async function go(
  run: string,
  { isNew, teacher, ...steps }: Steps & { isNew: boolean; teacher: Teacher | null },
): Promise<TrainResult> {
  const { config, loader, start } = steps
  const ready =
    (!isNew || (await prepare(steps))) &&
    (teacher === null || (await beginToLearn(run, teacher, steps)))
  if (ready) return runSteps(run, steps)
  const total = loader.stepsPerEpoch * config.train.epochs
  return { run, step: start.step, steps: total, finished: false, loss: null, verification: [] }
}

/** What a new training begins with beside its weights. False where it was aborted. */
async function prepare({ config, dataset, training, events }: Steps): Promise<boolean> {
  const { head, model } = config
  if (model.unfold && !(await measureNorms(training, config, dataset, events))) return false
  return head.init === 'random' || beginAtMeans(training, config, dataset, events)
}

/** Makes ready what a student is compared with. False where it was aborted. */
async function beginToLearn(
  run: string,
  teacher: Teacher,
  { config, dataset: { samples }, training, events }: Steps,
): Promise<boolean> {
  const { distill, train } = config
  const { team } = training
  const { onPass, onWarning, signal } = events
  const { sha256 } = teacher
  const before = teacherOfRun(run)
  if (before && before.sha256 !== sha256)
    onWarning?.(
      `${teacher.name} is another teacher than the run began with (${before.name}, SHA-256 ${before.sha256.slice(0, 12)}): it goes on, but not to the bits of the unbroken one`,
    )
  if (team.leads && before?.sha256 !== sha256)
    writeWhole(runPaths(run).taught, JSON.stringify({ name: basename(teacher.name), sha256 }))
  const lesson = { samples, teacher, config, team, signal, ...(onWarning && { onWarning }) }
  const onProgress = (done: number, total: number) => onPass?.('teacher', done, total)
  const known =
    distill!.sees === 'augmented'
      ? teacher.network
      : await teachAll(runPaths(run).teacher, { ...lesson, onProgress })
  if (known !== teacher.network) teacher.network.dispose()
  training.distillation = known && new Distillation(distill!, train, known)
  return known !== null
}

/** What a training works on. */
interface Found {
  file: EmbedderFile | null
  dataset: FolderDataset
  teacher: Teacher | null
  step: number
}

/**
 * Compares what the ranks were given; settles what is measured, with the threads that the training has, and what
 * depends on the working folder.
 */
function agreeOn(given: Config, { file, dataset, teacher, step }: Found, team: Team): Config {
  const own = { backbone: file?.sha256 ?? null, teacher: teacher?.sha256 ?? null }
  team.agree({ ...settingsOf(given, dataset, step), ...own })
  setNumThreads(given.train.threads || team.threads)
  return withAbsolutePaths(settlePrecision(given, team))
}

/** A rank that does not lead takes part in the work, not in the talk. */
const quiet = ({ signal, profile = false }: TrainEvents): TrainEvents => ({
  profile,
  ...(signal && { signal }),
})

/** Where a run begins. */
const beginning = ({ train }: Config, { world }: Team): Start => ({
  ...{ step: 0, best: null, bestStep: null, score: null, stale: 0, lrShare: 1 },
  globalBatch: train.batchSize * world,
})

/**
 * Goes on with a run from its latest checkpoint, on as many ranks as there are now; from the beginning if it was ended
 * before the first. Clears what a killed process left behind. Errors as `train`.
 * @param changes `key.key=value` each: values of `verify`, `checkpoint` and `train.epochs` for the ones that the run has
 */
export async function resume(
  run: string,
  events: TrainEvents = {},
  changes: readonly string[] = [],
): Promise<TrainResult> {
  const { config, classes } = readRun(run, changes)
  return asTeam(config, (team) =>
    goOn(run, config, classes, team, team.leads ? events : quiet(events)),
  )
}

async function goOn(
  run: string,
  given: Config,
  classes: string[],
  team: Team,
  events: TrainEvents,
): Promise<TrainResult> {
  using _ = team.leads ? await lockRun(run) : null
  const file = fileOfRun(run, given)
  const dataset = openTrainingData(given)
  const { checkpoints, metrics } = runPaths(run)
  const folder = stepsIn(checkpoints).length > 0 ? findCheckpoint(run) : null
  const state = folder === null ? null : readState(folder)
  checkSameData(
    run,
    [...given.data.roots, ...given.data.unlabelled],
    classes,
    dataset,
    state?.samples,
  )
  const changed = state ? changedKeys(run, state, given) : []
  const sets = await openSets(given)
  const fresh = beginning(given, team)
  const begin = state
    ? { ...state, globalBatch: state.globalBatch ?? given.train.batchSize }
    : fresh
  const teacher = given.distill && (await openTeacher(given.distill, given))
  const config = agreeOn(given, { file, dataset, teacher, step: begin.step }, team)
  using training = build(config, file, dataset, team)
  await using loader = openLoader(config, dataset, team, begin.globalBatch)
  checkEpochs(config, loader.stepsPerEpoch, begin.step)
  const otherwise = folder && loadCheckpoint(folder, training)
  team.meet() // All have read before anything goes.
  if (team.leads) {
    tidy(run, checkpoints, begin.step, begin.bestStep)
    truncateMetrics(metrics, begin.step)
    truncateEvents(run, begin.step)
    writeWhole(runPaths(run).config, formatConfig(config))
  }
  if (otherwise) events.onWarning?.(otherwise)
  if (changed.length > 0)
    events.onWarning?.(
      `${changed.join(', ')} changed since step ${begin.step}: the run goes on, but not to the bits of the unbroken one`,
    )
  return await go(run, {
    config,
    dataset,
    loader,
    sets,
    training,
    teacher,
    start: begin,
    isNew: state === null,
    events,
  })
}

/** What was made cannot be unmade, and a file that says otherwise would describe another training. */
function checkEpochs({ train: { epochs } }: Config, stepsPerEpoch: number, step: number): void {
  if (step > epochs * stepsPerEpoch)
    throw new TrainError(
      'TRAIN_CONFIG',
      `train.epochs: ${epochs} would be ${epochs * stepsPerEpoch} steps, and the run has made ${step}: give ${Math.ceil(step / stepsPerEpoch)} or more, or start a new run`,
    )
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

function build(
  config: Config,
  file: EmbedderFile | null,
  { classes }: FolderDataset,
  team: Team,
): Training {
  keepMemory()
  if (config.train.device.startsWith('cuda')) tryAlgorithms()
  manualSeed(config.seed)
  const training = buildTraining(config, classes.length, team, file)
  team.seed(config.seed)
  return training
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
