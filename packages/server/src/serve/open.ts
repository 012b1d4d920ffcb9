import { readText } from '@arcface/files'
import { openGalleries } from '@arcface/gallery'
import { type PreprocessingInput, parseThresholds } from '@arcface/onnx'
import { Recognizer, type ResolveOptions } from '@arcface/recognize'
import type { QualityOption } from '@arcface/vision'
import type { FastifyBaseLogger } from 'fastify'
import type { App } from '../app/app.js'
import { jobFields } from '../audit/job.js'
import { AuditLog } from '../audit/log.js'
import { Challenges } from '../challenges/challenges.js'
import {
  auditOf,
  galleriesOf,
  keysOf,
  receiptKeyOf,
  receiptsOf,
  workspaceOf,
} from '../config/load.js'
import type { ServerConfig } from '../config/schema.js'
import { Once } from '../http/once.js'
import { Jobs } from '../jobs/jobs.js'
import { Strangers } from '../jobs/strangers.js'
import { Keys } from '../keys/keys.js'
import { checkReach } from '../keys/loopback.js'
import { Sessions } from '../keys/sessions.js'
import { Metrics } from '../metrics/metrics.js'
import { Receipts } from '../retention/receipts.js'
import { Sweeper } from '../retention/sweeper.js'
import { Runs } from '../runs/runs.js'
import { Tasks } from '../tasks/tasks.js'
import { Load } from '../work/load.js'
import { Workspace } from '../workspace/workspace.js'

export interface OpenOptions {
  readonly log: FastifyBaseLogger
  /** As `ResolveOptions.run`: makes the ONNX file of a run's folder. */
  readonly run?: ResolveOptions['run']
  /** Program and first arguments of the command `arcface`, which tasks are made of; without it nothing can be run. */
  readonly command?: readonly string[]
}

/** Opens what a server works with: models, galleries, keys. @throws what is wrong with one of them */
export async function openApp(
  config: ServerConfig,
  { log, run, command }: OpenOptions,
): Promise<App> {
  const keys = await Keys.open(keysOf(config), log)
  let audit: AuditLog | null = null
  try {
    if (!keys.inForce) checkReach(config, log)
    if (config.audit.enabled) audit = await AuditLog.open(auditOf(config), { ...config.audit, log })
    const { recognizer, galleries } = await openPeople(config, run, log)
    const load = new Load(config.load, recognizer.parallel)
    const metrics = new Metrics(load, galleries)
    const jobs = new Jobs((job) => {
      const { id, kind, problem } = job.view
      if (job.failure !== undefined && (problem?.status ?? 500) >= 500)
        log.error({ err: job.failure, job: id }, `a job failed: ${kind}`)
      const fields = jobFields(job, recognizer.model.sha256)
      audit?.record('job', fields).catch(() => {}) // which the log of the server tells
    })
    const workspace = new Workspace(workspaceOf(config))
    const tasks = new Tasks(workspace, { command, most: config.workspace.tasks, log })
    // Those that an earlier server left go on, and are seen to; another one may be doing so.
    tasks.open().catch((err) => log.warn({ err }, 'tasks are not looked after'))
    const strangers = new Strangers()
    const studio = { workspace, tasks, runs: new Runs(workspace) }
    const receipts = new Receipts(receiptKeyOf(config), receiptsOf(config))
    const { sweepHours } = config.retention
    const sweeping = { galleries, receipts, audit, log }
    const sweeper = sweepHours === null ? null : new Sweeper(sweeping, sweepHours)
    const own = {
      once: new Once(),
      challenges: new Challenges(recognizer),
      jobs,
      strangers,
      load,
      metrics,
      audit,
      receipts,
      sweeper,
      ...studio,
    }
    const sessions = new Sessions(keys)
    return { recognizer, galleries, keys, sessions, ...own, config, log }
  } catch (error) {
    keys.close()
    await audit?.close()
    throw error
  }
}

async function openPeople(config: ServerConfig, run: OpenOptions['run'], log: FastifyBaseLogger) {
  const { model, detector, thresholds, minScore, threads, quality, preprocessing, limits } = config
  const { pack, threshold } = config.liveness
  const recognizer = await Recognizer.open({
    model,
    run,
    quality: quality as QualityOption,
    maxPixels: limits.pixels,
    liveness: { ...(pack !== null && { pack }), ...(threshold !== null && { threshold }) },
    ...(preprocessing !== null && { preprocessing: preprocessing as PreprocessingInput }),
    ...(detector !== null && { detector }),
    ...(thresholds !== null && { thresholds: parseThresholds(readText(thresholds), thresholds) }),
    ...(minScore !== null && { minScore }),
    ...(threads !== null && { threads }),
  })
  try {
    const { storage, encryption, rotation } = config
    const galleries = await openGalleries(galleriesOf(config), {
      storage,
      key: encryption?.key,
      rotation: rotation?.key,
    })
    const plain = encryption ? await galleries.plain() : []
    if (plain.length > 0) log.warn({ galleries: plain }, 'not encrypted')
    return { recognizer, galleries }
  } catch (error) {
    await recognizer.close()
    throw error
  }
}

/** Waits for what is in work. */
export async function closeApp(app: App): Promise<void> {
  const { keys, jobs, tasks, audit, recognizer, galleries, sweeper } = app
  keys.close()
  await Promise.all([jobs.close(), tasks.close(), sweeper?.close()])
  try {
    await Promise.all([recognizer.close(), galleries.close()])
  } finally {
    // The last: what is still in work is recorded when it ends.
    await audit?.close()
  }
}
