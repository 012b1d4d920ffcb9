import { readText } from '@arcface/files'
import { openGalleries } from '@arcface/gallery'
import { type PreprocessingInput, parseThresholds } from '@arcface/onnx'
import { Recognizer, type ResolveOptions } from '@arcface/recognize'
import type { QualityOption } from '@arcface/vision'
import type { FastifyBaseLogger } from 'fastify'
import type { App } from '../app/app.js'
import { jobFields } from '../audit/job.js'
import { AuditLog } from '../audit/log.js'
import { auditOf, galleriesOf, keysOf } from '../config/load.js'
import type { ServerConfig } from '../config/schema.js'
import { Once } from '../http/once.js'
import { Jobs } from '../jobs/jobs.js'
import { Keys } from '../keys/keys.js'
import { checkReach } from '../keys/loopback.js'
import { Metrics } from '../metrics/metrics.js'
import { Load } from '../work/load.js'

export interface OpenOptions {
  readonly log: FastifyBaseLogger
  /** As `ResolveOptions.run`: makes the ONNX file of a run's folder. */
  readonly run?: ResolveOptions['run']
}

/** Opens what a server works with: models, galleries, keys. @throws what is wrong with one of them */
export async function openApp(config: ServerConfig, { log, run }: OpenOptions): Promise<App> {
  const keys = await Keys.open(keysOf(config), log)
  let audit: AuditLog | null = null
  try {
    if (!keys.inForce) checkReach(config, log)
    if (config.audit.enabled) audit = await AuditLog.open(auditOf(config), { ...config.audit, log })
    const { recognizer, galleries } = await openPeople(config, run)
    const load = new Load(config.load, recognizer.parallel)
    const metrics = new Metrics(load, galleries)
    const jobs = new Jobs((job) => {
      const { id, kind, problem } = job.view
      if (job.failure !== undefined && (problem?.status ?? 500) >= 500)
        log.error({ err: job.failure, job: id }, `a job failed: ${kind}`)
      const fields = jobFields(job, recognizer.model.sha256)
      audit?.record('job', fields).catch(() => {}) // which the log of the server tells
    })
    const own = { once: new Once(), jobs, load, metrics, audit }
    return { recognizer, galleries, keys, ...own, config, log }
  } catch (error) {
    keys.close()
    await audit?.close()
    throw error
  }
}

async function openPeople(config: ServerConfig, run: OpenOptions['run']) {
  const { model, detector, thresholds, minScore, threads, quality, preprocessing, limits } = config
  const recognizer = await Recognizer.open({
    model,
    run,
    quality: quality as QualityOption,
    maxPixels: limits.pixels,
    ...(preprocessing !== null && { preprocessing: preprocessing as PreprocessingInput }),
    ...(detector !== null && { detector }),
    ...(thresholds !== null && { thresholds: parseThresholds(readText(thresholds), thresholds) }),
    ...(minScore !== null && { minScore }),
    ...(threads !== null && { threads }),
  })
  try {
    return {
      recognizer,
      galleries: await openGalleries(galleriesOf(config), { storage: config.storage }),
    }
  } catch (error) {
    await recognizer.close()
    throw error
  }
}

/** Waits for what is in work. */
export async function closeApp({ keys, jobs, audit, recognizer, galleries }: App): Promise<void> {
  keys.close()
  await jobs.close()
  try {
    await Promise.all([recognizer.close(), galleries.close()])
  } finally {
    // The last: what is still in work is recorded when it ends.
    await audit?.close()
  }
}
