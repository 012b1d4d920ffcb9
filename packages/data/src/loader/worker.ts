import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '@arcface/files'
import { IMAGE_BYTES, Random, shuffle } from '@arcface/vision'
import { alter } from '../augment/augment.js'
import { drawPlacement, moves, type Placement, place } from '../augment/place.js'
import { DataError } from '../errors.js'
import { decodeImage, isImageError } from '../images/decode.js'
import { decodeJpeg } from '../images/jpeg.js'
import { decodeOnOneCore } from '../images/one-core.js'
import { packedImage } from '../images/packed.js'
import {
  BAD,
  CACHED,
  FILLED,
  type FromWorker,
  NEXT,
  RELEASED,
  type ToWorker,
  type WorkerJob,
} from './ring.js'
import { PeopleSampler } from './sampler.js'
import { shareOf } from './shard.js'

// Where sharp decodes: two in flight keep its thread busy while this one augments. libjpeg-turbo works on this one.
const IN_FLIGHT = 2

decodeOnOneCore()
const {
  ring,
  images,
  labels,
  batchSize,
  shard,
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
const slotMirrored = new Uint8Array(ring.mirrored)
const states = new Uint8Array(ring.states)
const cache = ring.cache === null ? null : new Uint8Array(ring.cache)
const port = parentPort!
const send = (message: FromWorker) => port.postMessage(message)

port.on('message', (message: ToWorker) => {
  if (message.kind === 'close') port.close()
  else void run(message.epoch, message.steps)
})

async function run(epoch: number, steps: number): Promise<void> {
  const order =
    sampler?.order(seed, epoch, steps * shard.world) ?? shuffle(seed, epoch, labels.length)
  for (;;) {
    const step = Atomics.add(control, NEXT, 1)
    if (step >= steps) break
    waitForSlot(step)
    let state = step + 1
    try {
      await fill(step, epoch, order)
    } catch (error) {
      state = -state
      const { code, hint } = isImageError(error)
        ? error
        : { code: 'DATA_WORKER_DIED' as const, hint: undefined }
      send({ kind: 'failed', step, code, message: messageOf(error), hint })
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
  const { first, length } = shareOf(step, batchSize, order.length, shard)
  let taken = 0
  const lane = async () => {
    const scratch = new Uint8Array(cache === null ? IMAGE_BYTES : 0)
    while (taken < length) {
      const i = taken++
      const at = (base + i) * IMAGE_BYTES
      const out = slotImages.subarray(at, at + IMAGE_BYTES)
      const { index, flip } = await showFirst(epoch, first + i, order, out, scratch)
      slotLabels[base + i] = labels[index]!
      slotIndices[base + i] = index
      slotMirrored[base + i] = Number(flip)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
}

/** Shows the sample at a position of the epoch's order, or the first that can be decoded of those that may stand in. */
async function showFirst(
  epoch: number,
  position: number,
  order: Uint32Array,
  out: Uint8Array,
  scratch: Uint8Array,
): Promise<{ index: number; flip: boolean }> {
  for (const index of candidates(position, order)) {
    // A sampler may show an image twice an epoch, and not as the same picture.
    const random = sampler
      ? new Random(seed, epoch, index, position)
      : new Random(seed, epoch, index)
    const shown = await show(index, random, out, scratch)
    if (shown !== null) return { index, flip: shown.flip }
  }
  // All are bad; what is wrong with one is most likely wrong with all: photographs that are not aligned, another size.
  const why = await decodeImage(packedImage(images, order[position]!)).catch((error) => error)
  const { message = '', hint } = why as Partial<DataError>
  throw new DataError(
    'DATA_NO_GOOD_IMAGE',
    `None of ${labels.length} images of the data set can be taken. ${message}`,
    { hint },
  )
}

function* candidates(position: number, order: Uint32Array): Generator<number> {
  if (sampler !== null) yield* sampler.imagesFrom(order[position]!)
  for (let tried = 0; tried < order.length; tried++) yield order[(position + tried) % order.length]!
}

/** Decodes and augments a sample into `out`; null if it is a bad one. */
async function show(
  index: number,
  random: Random,
  out: Uint8Array,
  scratch: Uint8Array,
): Promise<Placement | null> {
  if (Atomics.load(states, index) === BAD) return null
  const placement = drawPlacement(options, random)
  const straight = cache === null && !moves(placement)
  if (!straight || !decodeJpeg(packedImage(images, index), out, placement.flip)) {
    const image = await load(index, scratch)
    if (image === null) return null
    place(image, placement, out)
  }
  alter(out, options, random)
  return placement
}

/** The image as it is on disk, in the cache, in `scratch` or in memory of its own; null if it is a bad one. */
async function load(index: number, scratch: Uint8Array): Promise<Uint8Array | null> {
  const kept = cache?.subarray(index * IMAGE_BYTES, (index + 1) * IMAGE_BYTES)
  if (kept !== undefined && Atomics.load(states, index) === CACHED) return kept
  const source = packedImage(images, index)
  let image = kept ?? scratch
  try {
    if (!decodeJpeg(source, image)) {
      const decoded = await decodeImage(source)
      if (kept === undefined) image = decoded
      else kept.set(decoded)
    }
    // Two workers at once write the same bytes.
    if (kept !== undefined) Atomics.store(states, index, CACHED)
    return image
  } catch (error) {
    if (onBadImage === 'fail') throw error
    Atomics.store(states, index, BAD)
    send({ kind: 'bad', index, message: messageOf(error) })
    return null
  }
}
