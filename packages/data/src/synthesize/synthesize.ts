import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { FilesError, makeFolder, workerFile } from '@arcface/files'
import { unfilled } from '../folders/unfilled.js'
import { holdOneCore } from '../images/one-core.js'
import { atLeast } from '../options.js'
import { writePairs } from '../pairs/pairs.js'
import { drawSyntheticPairs } from './pairs.js'
import type { DrawingJob, FromDrawer } from './worker.js'

export interface SynthesizeOptions {
  people: number
  imagesPerPerson: number
  /** Decides everything; another seed draws other people. */
  seed: number
  /** Drawing threads; by default one a core. Changes the speed, never the images. */
  workers?: number
  /** Called after each person with how many are drawn. */
  onProgress?: (people: number) => void
}

/**
 * Draws synthetic people as aligned faces: `dir/person_0001/person_0001_0001.jpg`, 112 x 112, JPEG of quality 95. A
 * person is a set of facial parameters; the pictures of one differ in pose, light, expression, style, occlusion,
 * background and camera. The person depends on (seed, number) and the picture on (seed, number, image) alone.
 *
 * @param dir is made where it is missing and must be empty
 * @throws DataError DATA_OPTION; FilesError FILES_WRITE, FILES_DISK_FULL
 */
export async function synthesizeFaces(dir: string, options: SynthesizeOptions): Promise<void> {
  const { people, imagesPerPerson, seed, workers = availableParallelism() } = options
  atLeast('people', people, 1)
  atLeast('imagesPerPerson', imagesPerPerson, 1)
  atLeast('seed', seed, 0)
  atLeast('workers', workers, 1)
  const file = workerFile('@arcface/data/synthesize-worker', import.meta.url, 'draws faces')
  makeEmpty(dir)
  const next = new SharedArrayBuffer(4)
  new Int32Array(next)[0] = 1
  const job: DrawingJob = { dir, people, imagesPerPerson, seed, next }
  let drawn = 0
  const onPerson = () => options.onProgress?.(++drawn)
  const letGo = holdOneCore()
  const threads = Array.from({ length: Math.min(workers, people) }, () => draw(file, job, onPerson))
  const results = await Promise.allSettled(threads)
  letGo()
  for (const result of results) if (result.status === 'rejected') throw unfilled(dir, result.reason)
}

export interface SynthesizeVerificationOptions extends SynthesizeOptions {
  /** Default 10. */
  folds?: number
  /** Matched pairs a fold, and as many mismatched ones. Default 300, or what the smallest fold has. */
  pairsPerFold?: number
}

/**
 * Draws people as `synthesizeFaces` does, and a list of pairs of them in LFW's format. No person is in two folds.
 *
 * @throws DataError DATA_OPTION (among others: fewer than two people a fold, or too few pictures); FilesError
 *   FILES_WRITE, FILES_DISK_FULL
 */
export async function synthesizeVerification(
  dir: string,
  pairsFile: string,
  options: SynthesizeVerificationOptions,
): Promise<void> {
  const pairs = drawSyntheticPairs(options) // first, for it refuses what cannot be
  await synthesizeFaces(dir, options)
  writePairs(pairsFile, pairs)
}

function makeEmpty(dir: string): void {
  makeFolder(dir)
  if (readdirSync(dir).length > 0)
    throw new FilesError(
      'FILES_WRITE',
      `${dir} is not empty, and synthetic people would mix with what is there. Remove it or name another folder.`,
    )
}

function draw(file: string, job: DrawingJob, onPerson: () => void): Promise<void> {
  const worker = new Worker(file, { workerData: job, execArgv: [] })
  return new Promise((resolve, reject) => {
    worker.on('message', (message: FromDrawer) => {
      if (message.kind === 'person') onPerson()
      else reject(new FilesError(message.code, message.message))
    })
    worker.on('error', reject)
    worker.on('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`a drawing thread ended with exit code ${code}`))
    })
  })
}
