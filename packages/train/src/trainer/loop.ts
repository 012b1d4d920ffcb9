import type { FolderDataset, Loader } from '@arcface/data'
import type { Config } from '../config/schema.js'
import { writeParts } from '../distributed/parts.js'
import type { Standing } from '../run/checkpoint.js'
import { runPaths } from '../run/folder.js'
import { RunLog } from '../run/log.js'
import type { StepMetrics, VerifyMetrics } from '../run/metrics.js'
import { writeReport } from '../run/report.js'
import { CheckpointWriter } from '../run/writer.js'
import type { Training } from './build.js'
import { StepClock } from './clock.js'
import type { TrainEvents, TrainResult } from './events.js'
import { NonFiniteGuard } from './non-finite.js'
import { Profile } from './profile.js'
import { Speed } from './speed.js'
import { trainStep } from './step.js'
import { metricsOf, type VerifySet, verifyAll } from './verification.js'

const EVERY = 10 // steps a line of metrics.jsonl

/** Where a run begins. */
export type Start = Omit<Standing, 'samples' | 'stepsPerEpoch' | 'score'> & { globalBatch: number }

interface Steps {
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
  const log = team.leads ? new RunLog(run) : null
  const speed = new Speed()
  const clock = new StepClock(() => team.seconds)
  const profile = events.profile ? new Profile(run, team.rank, clock) : null
  const guard = new NonFiniteGuard(run, train.onNonFinite, samples, start.lrShare, team.rank)
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
      log?.add(line)
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
  const reportProfile = (count: number | null | undefined) => {
    if (profile && count) events.onProfile?.(profile.file, count)
  }
  let aborted = team.any(events.signal?.aborted ?? false)
  try {
    while (step < steps && !aborted && !ended) {
      const epoch = Math.floor(step / stepsPerEpoch)
      for await (const batch of loader.epoch(epoch, step % stepsPerEpoch)) {
        const { images, labels } = batch
        const { lrShare } = guard
        clock.mark('data')
        profile?.before()
        const input = { images, labels, step, steps, lrShare, clock }
        const outcome = trainStep(config, training, input)
        clock.mark('optimizer')
        clock.step()
        reportProfile(profile?.after())
        step++
        const warning = guard.check(step, outcome, batch)
        if (warning !== null) events.onWarning?.(warning)
        const { nonFinite, ...figures } = outcome
        measured = null
        last = {
          ...{ step, epoch, ...figures, imagesPerSecond: speed.add(globalBatch) },
          ...{ seconds: clock.seconds, memory: process.memoryUsage.rss() },
        }
        events.onStep?.(last)
        if (step % EVERY === 0 || step === steps) {
          log?.add(last)
          clock.restart()
        }
        writer.check()
        aborted = team.any(events.signal?.aborted ?? false)
        if (step === steps || aborted) break
        const due = verify.every > 0 && step % verify.every === 0
        measured = due ? await measure() : null
        if (ended) break
        if (measured?.better || (checkpoint.every > 0 && step % checkpoint.every === 0))
          await save(measured?.score ?? null)
        clock.skip()
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
    reportProfile(profile?.finish())
    await writer.settled().catch(() => {}) // an error that ends the run is the one to tell
  }
}
