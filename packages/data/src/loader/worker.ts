import { parentPort, workerData } from 'node:worker_threads'
import { augment } from '../augment/augment.js'
import { DataError, messageOf } from '../errors.js'
import { decodeImage, IMAGE_BYTES } from '../images/decode.js'
import { packedImage } from '../images/packed.js'
import { Random, shuffle } from '../random/random.js'
import {
  BAD,
  batchLength,
  CACHED,
  FILLED,
  type FromWorker,
  NEXT,
  RELEASED,
  type ToWorker,
  type WorkerJob,
} from './ring.js'
import { PeopleSampler } from './sampler.js'

// Two decodes in flight keep the decoder's thread busy while this thread augments.
const IN_FLIGHT = 2

const {
  ring,
  images,
  labels,
  batchSize,
  sampler: sampling,
  seed,
  augment: options,
  onBadImage,
} = workerData as WorkerJob
const sampler = sampling === null ? null : new PeopleSampler(labels, sampling)
const control = new Int32Array(ring.control)
const slotImages = new Uint8Array(ring.images)
const slotLabels = new Int32Array(ring.labels)
const slotIndices = new Int32Array(ring.indices)
const states = new Uint8Array(ring.states)
const cache = ring.cache === null ? null : new Uint8Array(ring.cache)
const port = parentPort!
const send = (message: FromWorker) => port.postMessage(message)

port.on('message', (message: ToWorker) => {
  if (message.kind === 'close') port.close()
  else void run(message.epoch, message.steps)
})

async function run(epoch: number, steps: number): Promise<void> {
  const order = sampler?.order(seed, epoch, steps) ?? shuffle(seed, epoch, labels.length)
  for (;;) {
    const step = Atomics.add(control, NEXT, 1)
    if (step >= steps) break
    waitForSlot(step)
    let state = step + 1
    try {
      await fill(step, epoch, order)
    } catch (error) {
      state = -state
      const code = error instanceof DataError ? error.code : 'DATA_WORKER_DIED'
      send({ kind: 'failed', step, code, message: messageOf(error) })
    }
    Atomics.store(control, FILLED + (step % ring.slots), state)
    send({ kind: 'ready' })
  }
  send({ kind: 'idle' })
}

/** Blocks this thread, which has nothing else under way, until the consumer is done with the slot's last batch. */
function waitForSlot(step: number): void {
  for (;;) {
    const released = Atomics.load(control, RELEASED)
    if (step < released + ring.slots) return
    Atomics.wait(control, RELEASED, released)
  }
}

async function fill(step: number, epoch: number, order: Uint32Array): Promise<void> {
  const base = (step % ring.slots) * batchSize
  const length = batchLength(step, batchSize, order.length)
  let taken = 0
  const lane = async () => {
    while (taken < length) {
      const i = taken++
      const position = step * batchSize + i
      const { index, image } = await loadFrom(position, order)
      const at = (base + i) * IMAGE_BYTES
      // A sampler may show an image twice an epoch, and not as the same picture.
      const random = sampler
        ? new Random(seed, epoch, index, position)
        : new Random(seed, epoch, index)
      augment(image, options, random, slotImages.subarray(at, at + IMAGE_BYTES))
      slotLabels[base + i] = labels[index]!
      slotIndices[base + i] = index
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
}

/** The sample at a position of the epoch's order, or the first that can be decoded of those that may stand in. */
async function loadFrom(
  position: number,
  order: Uint32Array,
): Promise<{ index: number; image: Uint8Array }> {
  for (const index of candidates(position, order)) {
    const image = await load(index)
    if (image !== null) return { index, image }
  }
  throw new DataError('DATA_NO_GOOD_IMAGE', 'No image of the data set can be decoded.')
}

function* candidates(position: number, order: Uint32Array): Generator<number> {
  if (sampler !== null) yield* sampler.imagesFrom(order[position]!)
  for (let tried = 0; tried < order.length; tried++) yield order[(position + tried) % order.length]!
}

async function load(index: number): Promise<Uint8Array | null> {
  const state = Atomics.load(states, index)
  if (state === BAD) return null
  const kept = cache?.subarray(index * IMAGE_BYTES, (index + 1) * IMAGE_BYTES)
  if (state === CACHED) return kept!
  try {
    const image = await decodeImage(packedImage(images, index))
    if (kept !== undefined) {
      kept.set(image) // two workers at once would write the same bytes
      Atomics.store(states, index, CACHED)
    }
    return image
  } catch (error) {
    if (onBadImage === 'fail') throw error
    Atomics.store(states, index, BAD)
    send({ kind: 'bad', index, message: messageOf(error) })
    return null
  }
}
