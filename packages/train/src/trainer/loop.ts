import { basename } from 'node:path'
import { type Batch, type FolderDataset, type Loader, NOBODY } from '@arcface/data'
import { preprocessingSchema } from '@arcface/onnx'
import { describePreprocessing } from '@arcface/vision'
import { writeParts } from '../checkpoint/parts.js'
import { CheckpointWriter } from '../checkpoint/writer.js'
import { ONNX } from '../config/model.js'
import type { Config } from '../config/schema.js'
import { writeReport } from '../report/report.js'
import type { Standing } from '../run/checkpoint.js'
import { runPaths } from '../run/folder.js'
import type { StepMetrics } from '../run/metrics.js'
import { writePicture } from '../run/pictures.js'
import { StepClock } from '../step/clock.js'
import type { StepOutcome } from '../step/outcome.js'
import { launchStep } from '../step/step.js'
import type { Training } from '../step/training.js'
import { findOverlap, overlapSentence } from '../verification/overlap.js'
import {
  metricsOf,
  type Verified,
  type VerifySet,
  verifyAll,
} from '../verification/verification.js'
import type { TrainEvents, TrainPlan, TrainResult } from './events.js'
import { RunLog } from './log.js'
import { NonFiniteGuard } from './non-finite-guard.js'
import { Profile } from './profile.js'
import { Speed } from './speed.js'

/** Steps a line of metrics.jsonl, and those that a GPU is ahead of what is told of them. */
const EVERY = 10

/** Where a run begins. */
export type Start = Omit<Standing, 'samples' | 'stepsPerEpoch'> & { globalBatch: number }

function fileIn({ model }: Config): TrainPlan['file'] {
  if (model.backbone !== ONNX) return null
  const pixels = describePreprocessing(preprocessingSchema.parse(model.preprocessing ?? {}))
  return { name: basename(model.weights ?? ''), pixels }
}

/** A step of which nothing was told yet. */
interface Launched {
  at: Pick<StepMetrics, 'step' | 'epoch'>
  batch: Pick<Batch, 'indices'>
  read: () => StepOutcome
}

/** What a training is made of. */
export interface Steps {
  config: Config
  dataset: FolderDataset
  loader: Loader
  sets: readonly VerifySet[]
  training: Training
  start: Start
  events: TrainEvents
}

/** Trains from where a run stands to its end, or until it is aborted; measures, saves and reports on the way. */
export async function runSteps(
  run: string,
  { config, dataset, loader, sets, training, start, events }: Steps,
): Promise<TrainResult> {
  const { train, verify, checkpoint } = config
  const { samples } = dataset
  const { team } = training
  const { globalBatch } = start
  const { stepsPerEpoch } = loader
  const steps = stepsPerEpoch * train.epochs
  const overlap = team.leads ? findOverlap(sets, dataset) : []
  const log = team.leads ? new RunLog(run) : null
  const speed = new Speed()
  const clock = new StepClock(() => team.seconds)
  const profile = events.profile ? new Profile(run, team.rank, clock) : null
  const guard = new NonFiniteGuard(run, train.onNonFinite, samples, start.lrShare, team.rank)
  let { step, best, bestStep, stale } = start
  let last = null as StepMetrics | null
  let [measuredAt, found]: [number, Verified[]] = [-1, []] // the last verification
  const isStale = (count: number) => verify.patience > 0 && count >= verify.patience
  let ended = isStale(stale) // before the last step
  let savedAt = step > 0 ? step : -1 // a run that is interrupted at once can be gone on with, too
  let scoredAt = start.score === null ? -1 : step

  const writer = new CheckpointWriter(run, config, events.onCheckpoint)
  const save = async () => {
    savedAt = step
    if (!team.leads) writeParts(runPaths(run).checkpoints, step, training, train.device)
    team.meet()
    if (!team.leads) return
    const { lrShare } = guard
    const counts = { step, stepsPerEpoch, samples: samples.length, globalBatch }
    await writer.save(training, { ...counts, best, bestStep, score: null, stale, lrShare })
  }
  const isSaved = () => checkpoint.every > 0 && step % checkpoint.every === 0
  const isDue = () => verify.every > 0 && step % verify.every === 0 && sets.length > 0
  /** Measures what was saved at this step: whatever happens to the measuring, the training is there. */
  const measure = async () => {
    measuredAt = step
    if (team.leads) await measureAndScore()
    speed.pause()
    ended = team.any(isStale(stale)) // The others wait, and learn whether it ends the run.
  }
  const measureAndScore = async () => {
    const verified = await verifyAll(sets, training, config, step)
    found = verified.found
    for (const line of found.map((one) => metricsOf(step, one))) {
      log?.add(line)
      events.onVerify?.(line)
    }
    for (const line of verified.failed) {
      log?.add(line)
      events.onWarning?.(
        `step ${step}: ${line.set} could not be measured (${line.failure}); the training is saved and goes on`,
      )
    }
    const score = found.find(({ name }) => name === sets[0]?.name)?.result.accuracy
    if (score === undefined || scoredAt === step) return
    scoredAt = step
    const better = best === null || score > best
    if (better) [best, bestStep] = [score, step]
    stale = better ? 0 : stale + 1
    await writer.score({ step, best, bestStep, score, stale })
  }
  const parameters = training.backbone.parameters().reduce((sum, one) => sum + one.size, 0)
  const threads = train.threads || team.threads
  /** @param stopped why the training has not come to its end */
  const report = (stopped: string | null) => {
    const story = { config, dataset, overlap, step, steps, parameters, threads, ranks: team.world }
    const isLogged = step % EVERY === 0 || step === steps
    const unlogged = isLogged ? null : last
    if (team.leads) writeReport(run, { ...story, stopped, last: unlogged, found, measuredAt })
  }
  events.onStart?.({
    people: dataset.classes.length,
    images: samples.length,
    unlabelled: samples.filter(({ label }) => label === NOBODY).length,
    parameters,
    step,
    steps,
    threads,
    marginSteps: Math.round(config.loss.marginWarmup * steps),
    ranks: team.world,
    beginning: training.beginning,
    file: fileIn(config),
  })
  for (const warning of dataset.warnings) events.onWarning?.(warning)
  for (const one of overlap) {
    const sentence = overlapSentence(one)
    if (sentence !== null) events.onWarning?.(`${one.set}: ${sentence}`)
  }
  const reportProfile = (count: number | null | undefined) => {
    if (profile && count) events.onProfile?.(profile.file, count)
  }
  const first = step
  const isPictured = (at: number) => at === first || at % stepsPerEpoch === 0
  /** A training does not end for a picture. */
  const picture = (at: number, images: Uint8Array) =>
    writePicture(run, at, images).catch((error: Error) =>
      events.onWarning?.(`there is no picture of the batch at step ${at}: ${error.message}`),
    )
  const runsAhead = train.device !== 'cpu'
  const launched: Launched[] = []
  /** Waits for the steps that were launched, and tells of each. */
  const tell = () => {
    if (launched.length === 0) return
    const outcomes = launched.map(({ read }) => read())
    const imagesPerSecond = speed.add(globalBatch * launched.length)
    for (const [i, { at, batch }] of launched.splice(0).entries()) {
      const { nonFinite, ...figures } = outcomes[i]!
      const warning = guard.check(at.step, outcomes[i]!, batch)
      if (warning !== null) events.onWarning?.(warning)
      last = {
        ...{ ...at, ...figures, imagesPerSecond },
        ...{ seconds: clock.seconds, memory: process.memoryUsage.rss() },
      }
      events.onStep?.(last)
    }
    const { recorder } = training
    if (recorder?.problem) {
      events.onWarning?.(`steps are launched kernel by kernel: ${recorder.problem}`)
      training.recorder = null
    }
  }
  let aborted = team.any(events.signal?.aborted ?? false)
  try {
    if (step > 0 && step < steps && scoredAt < step && isDue()) await measure() // it was saved, and not measured
    while (step < steps && !aborted && !ended) {
      const epoch = Math.floor(step / stepsPerEpoch)
      for await (const batch of loader.epoch(epoch, step % stepsPerEpoch)) {
        const { lrShare } = guard
        clock.mark('data')
        if (team.leads && isPictured(step)) await picture(step, batch.images)
        profile?.before()
        const input = { ...batch, step, steps, lrShare, clock }
        const read = launchStep(config, training, input)
        clock.mark('optimizer')
        clock.step()
        reportProfile(profile?.after())
        step++
        launched.push({ at: { step, epoch }, batch: { indices: batch.indices }, read })
        const isLogged = step % EVERY === 0 || step === steps
        if (isLogged || !runsAhead) tell()
        if (isLogged) {
          if (last) log?.add(last)
          clock.restart()
        }
        writer.check()
        aborted = team.any(events.signal?.aborted ?? false)
        if (step === steps || aborted) break
        const due = isDue()
        if (due || isSaved()) tell() // what was not finite is not saved
        if (due || isSaved()) await save()
        if (due) await measure()
        if (ended) break
        clock.skip()
      }
    }
    tell()
    for (const { path, message } of loader.skipped)
      events.onWarning?.(`left out ${path}: ${message}`)
    const finished = step >= steps || ended
    if (savedAt < step) await save()
    await writer.settled()
    if (finished && measuredAt < step) await measure()
    report(
      finished
        ? null
        : `Interrupted after ${step} of ${steps} steps; it goes on where ${run} is resumed`,
    )
    const verification = found.map((one) => metricsOf(measuredAt, one))
    return { run, step, steps, finished, loss: last?.loss ?? null, verification }
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown }
    try {
      report(`Ended after ${step} of ${steps} steps by ${code ?? 'an error'}: ${message}`)
    } catch {
      // The error that ends the run is the one to tell.
    }
    throw error
  } finally {
    reportProfile(profile?.finish())
    await writer.settled().catch(() => {}) // an error that ends the run is the one to tell
  }
}
