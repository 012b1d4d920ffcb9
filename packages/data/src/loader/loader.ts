import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { FilesError, type FilesErrorCode, workerFile } from '@arcface/files'
import { IMAGE_BYTES } from '@arcface/vision'
import { type AugmentOptions, checkAugmentOptions } from '../augment/options.js'
import { DataError, type DataErrorCode } from '../errors.js'
import type { Sample } from '../folders/sample.js'
import { holdOneCore } from '../images/one-core.js'
import { packImages } from '../images/packed.js'
import { imageName } from '../images/source.js'
import { atLeast } from '../options.js'
import {
  createRing,
  FILLED,
  type FromWorker,
  NEXT,
  RELEASED,
  type Ring,
  type ToWorker,
  type WorkerJob,
} from './ring.js'
import { checkSampler, type SamplerOptions } from './sampler.js'
import { checkShard, type Shard, shareOf } from './shard.js'

export interface LoaderOptions {
  samples: readonly Sample[]
  batchSize: number
  /** Batches of so many people with so many images each, for losses of pairs; `batchSize` is then the product. */
  sampler?: SamplerOptions
  /**
   * This process is the `rank`-th of `world` that share every epoch: their batches are disjoint, as many for each, and
   * together those of one process with `world` times the batch. `seed` and data must be the same for all. Default 0
   * of 1. Without `dropLast` what is left at the end is dealt out evenly, and may leave a rank an empty batch.
   */
  rank?: number
  world?: number
  /** Decides order and augmentation, together with the epoch. */
  seed: number
  /** Decoding threads. Default 1; changes the speed, never the batches. */
  workers?: number
  /** Batches that lie ready at most. Default 4. */
  prefetch?: number
  /** Off by default. */
  augment?: AugmentOptions
  /** Leave out the images that fill no whole batch. Default true, as in training; a sampler fills every batch. */
  dropLast?: boolean
  /**
   * What an image that cannot be decoded does: the next of the epoch, or with a sampler another of the same person,
   * takes its place (default), or an error.
   */
  onBadImage?: 'skip' | 'fail'
  /** Keep decoded images in memory if all of them fit into so many bytes (37,632 each). Default 1 GiB; 0 never. */
  cacheBytes?: number
}

/**
 * N images with their labels and positions in `samples`. The arrays look into shared memory and are overwritten: they
 * are yours until you ask for the next batch.
 */
export interface Batch {
  /** N * 112 * 112 * 3, RGB, HWC. */
  images: Uint8Array
  labels: Int32Array
  indices: Int32Array
  /** 1 for an image that augmentation has mirrored, else 0. */
  mirrored: Uint8Array
}

/** An image that was left out, and why. */
export interface SkippedImage {
  /** Its file, for a record with the place in it. */
  path: string
  message: string
}

const BEYOND = 0x3fffffff // larger than any step

/**
 * Decodes and augments batches in worker threads, ahead of the training step that consumes them.
 *
 * Order and augmentation depend on seed, epoch and sample alone: any number of workers gives the same bytes. An unused
 * loader does not keep the process alive; `close()` ends the threads. Until then sharp decodes each image of the process
 * on one core and caches none.
 */
export class Loader {
  readonly stepsPerEpoch: number
  readonly #samples: readonly Sample[]
  readonly #batchSize: number
  readonly #shard: Shard
  readonly #ring: Ring
  readonly #control: Int32Array
  readonly #workers: Worker[]
  readonly #letGo: () => void
  readonly #skipped = new Map<number, string>()
  readonly #failed = new Map<number, DataError | FilesError>()
  #death: DataError | undefined
  #idle: number
  #running = false
  #closed = false
  #wake: () => void = () => {}

  /** @throws DataError DATA_OPTION */
  constructor(options: LoaderOptions) {
    const { samples, batchSize, seed, workers = 1, prefetch = 4, cacheBytes = 2 ** 30 } = options
    atLeast('batchSize', batchSize, 1)
    atLeast('workers', workers, 1)
    atLeast('prefetch', prefetch, 1)
    atLeast('seed', seed, 0)
    checkAugmentOptions(options.augment ?? {})
    const shard = { rank: options.rank ?? 0, world: options.world ?? 1 }
    checkShard(shard)
    const sampler = options.sampler ?? null
    if (sampler !== null) checkSampler(sampler, samples, batchSize)
    const steps = samples.length / (batchSize * shard.world)
    const whole = sampler !== null || (options.dropLast ?? true)
    this.stepsPerEpoch = whole ? Math.floor(steps) : Math.ceil(steps)
    if (this.stepsPerEpoch === 0)
      throw new DataError(
        'DATA_OPTION',
        `${samples.length} images do not fill one batch of ${batchSize}${shard.world > 1 ? ` in each of ${shard.world} processes` : ''}. ` +
          'Lower the batch size or add images.',
      )
    this.#samples = samples
    this.#batchSize = batchSize
    this.#shard = shard
    this.#idle = workers
    this.#ring = createRing(prefetch, batchSize, samples.length, cacheBytes)
    this.#control = new Int32Array(this.#ring.control)
    const job: WorkerJob = {
      ring: this.#ring,
      images: packImages(samples),
      labels: Int32Array.from(samples, (sample) => sample.label),
      batchSize,
      shard,
      sampler,
      seed,
      augment: options.augment ?? {},
      onBadImage: options.onBadImage ?? 'skip',
    }
    const file = workerFile('@arcface/data/loader-worker', import.meta.url, 'decodes images')
    this.#letGo = holdOneCore()
    this.#workers = Array.from({ length: workers }, () => this.#start(file, job))
  }

  /** Images that could not be decoded so far, in the order of `samples`; complete once an epoch has ended. */
  get skipped(): SkippedImage[] {
    return [...this.#skipped]
      .sort(([a], [b]) => a - b)
      .map(([index, message]) => ({ path: imageName(this.#samples[index]!), message }))
  }

  /**
   * The batches of an epoch, from `startStep` on. Epoch and step are all that a resumed run has to know: it gets the
   * batches that an unbroken one would, and those before are not decoded. One epoch at a time; leaving the loop early
   * is fine.
   *
   * @throws DataError DATA_IMAGE_UNREADABLE or DATA_IMAGE_SIZE at the batch that holds the bad image (onBadImage
   *   'fail'), DATA_NO_GOOD_IMAGE, DATA_WORKER_DIED, DATA_LOADER_BUSY, DATA_LOADER_CLOSED, DATA_OPTION
   */
  async *epoch(epoch: number, startStep = 0): AsyncGenerator<Batch, void, void> {
    atLeast('epoch', epoch, 0)
    atLeast('startStep', startStep, 0)
    if (this.#closed) throw closed()
    if (this.#running)
      throw new DataError(
        'DATA_LOADER_BUSY',
        'An epoch of this loader is still being read. Finish or leave it first, or open a second loader.',
      )
    this.#running = true
    try {
      await this.#until(() => this.#idle === this.#workers.length)
      this.#control.fill(0)
      this.#control[NEXT] = startStep
      this.#control[RELEASED] = startStep
      this.#failed.clear()
      this.#idle = 0
      this.#post({ kind: 'run', epoch, steps: this.stepsPerEpoch })
      for (let step = startStep; step < this.stepsPerEpoch; step++) {
        yield await this.#batch(step)
        Atomics.store(this.#control, RELEASED, step + 1)
        Atomics.notify(this.#control, RELEASED)
      }
      await this.#until(() => this.#idle === this.#workers.length)
    } finally {
      this.#cancel()
      this.#running = false
    }
  }

  /** Ends the worker threads. An epoch that is still being read ends with DATA_LOADER_CLOSED. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#cancel()
    const exits = this.#workers.map(
      (worker) => worker.threadId === -1 || new Promise((resolve) => worker.once('exit', resolve)),
    )
    for (const worker of this.#workers) worker.ref()
    this.#post({ kind: 'close' })
    this.#wake()
    await Promise.all(exits)
    this.#letGo()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #start(file: string, job: WorkerJob): Worker {
    // Node's own options of the main thread (--input-type, --eval) are not for the worker.
    const worker = new Worker(file, { workerData: job, execArgv: [] })
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'idle') this.#idle++
      else if (message.kind === 'bad') this.#skipped.set(message.index, message.message)
      else if (message.kind === 'failed') this.#failed.set(message.step, errorOf(message))
      this.#wake()
    })
    worker.on('error', (cause) => this.#die(cause))
    worker.on('exit', (code) => {
      if (!this.#closed) this.#die(new Error(`exit code ${code}`))
    })
    worker.unref()
    return worker
  }

  #die(cause: Error): void {
    this.#death ??= new DataError(
      'DATA_WORKER_DIED',
      `A thread that decodes images ended unexpectedly (${cause.message}). Open a new loader; if it happens again, ` +
        'use fewer workers or a smaller cacheBytes, for memory may be short.',
      { cause },
    )
    this.#wake()
  }

  #post(message: ToWorker): void {
    for (const worker of this.#workers) worker.postMessage(message)
  }

  /** Makes the workers finish what they hold and go idle: nothing is left to claim, and no slot is waited for. */
  #cancel(): void {
    Atomics.store(this.#control, NEXT, BEYOND)
    Atomics.store(this.#control, RELEASED, BEYOND)
    Atomics.notify(this.#control, RELEASED)
  }

  async #batch(step: number): Promise<Batch> {
    const slot = step % this.#ring.slots
    const state = () => Atomics.load(this.#control, FILLED + slot)
    // One turn of the event loop even when the batch is ready, so that signals, timers and messages get through.
    await setImmediate()
    if (this.#closed) throw closed()
    await this.#until(() => state() === step + 1 || this.#failed.has(step))
    const failure = this.#failed.get(step)
    if (failure !== undefined) throw failure
    const first = slot * this.#batchSize
    const { length } = shareOf(step, this.#batchSize, this.#samples.length, this.#shard)
    return {
      images: new Uint8Array(this.#ring.images, first * IMAGE_BYTES, length * IMAGE_BYTES),
      labels: new Int32Array(this.#ring.labels, first * 4, length),
      indices: new Int32Array(this.#ring.indices, first * 4, length),
      mirrored: new Uint8Array(this.#ring.mirrored, first, length),
    }
  }

  /** Waits for messages until the condition holds; keeps the process alive meanwhile. */
  async #until(condition: () => boolean): Promise<void> {
    for (const worker of this.#workers) worker.ref()
    try {
      while (!condition()) {
        if (this.#closed) throw closed()
        if (this.#death !== undefined) throw this.#death
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    } finally {
      if (!this.#closed) for (const worker of this.#workers) worker.unref()
    }
  }
}

function closed(): DataError {
  return new DataError('DATA_LOADER_CLOSED', 'The loader is closed. Open a new one.')
}

/** What a thread has thrown. */
function errorOf({ code, message, hint }: Extract<FromWorker, { kind: 'failed' }>) {
  return isOfFiles(code)
    ? new FilesError(code, message, { hint })
    : new DataError(code, message, { hint })
}

const isOfFiles = (code: DataErrorCode | FilesErrorCode): code is FilesErrorCode =>
  code.startsWith('FILES_')
