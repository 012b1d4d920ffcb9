import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { type FilesErrorCode, isDiskFull, makeFolder, messageOf, writeWhole } from '@arcface/files'
import { IMAGE_SIZE, Random } from '@arcface/vision'
import sharp from 'sharp'
import { decodeOnOneCore } from '../images/one-core.js'
import { imageStem } from '../pairs/pairs.js'
import { drawIdentity } from './identity.js'
import { personName } from './names.js'
import { drawNuisance } from './nuisance.js'
import { drawRelief } from './relief.js'
import { renderFace } from './render.js'

/** What each drawing thread is told. */
export interface DrawingJob {
  dir: string
  people: number
  imagesPerPerson: number
  seed: number
  /** One Int32: the next person that nobody draws. */
  next: SharedArrayBuffer
}

export type FromDrawer =
  | { kind: 'person' }
  | { kind: 'failed'; code: FilesErrorCode; message: string }

decodeOnOneCore()
const job = workerData as DrawingJob
const next = new Int32Array(job.next)
const send = (message: FromDrawer) => parentPort!.postMessage(message)

async function drawPerson(person: number): Promise<void> {
  const name = personName(person)
  const folder = join(job.dir, name)
  makeFolder(folder)
  const identity = drawIdentity(new Random(job.seed, person))
  const relief = drawRelief(identity)
  for (let number = 1; number <= job.imagesPerPerson; number++) {
    const random = new Random(job.seed, person, number)
    const pixels = await renderFace(identity, relief, drawNuisance(random), random)
    const raw = { width: IMAGE_SIZE, height: IMAGE_SIZE, channels: 3 } as const
    const bytes = await sharp(pixels, { raw }).jpeg({ quality: 95 }).toBuffer()
    const file = join(folder, `${imageStem({ name, number })}.jpg`)
    writeWhole(file, bytes, { flushed: false })
  }
  send({ kind: 'person' })
}

try {
  for (;;) {
    const person = Atomics.add(next, 0, 1)
    if (person > job.people) break
    await drawPerson(person)
  }
} catch (error) {
  Atomics.store(next, 0, job.people + 1) // the others stop after the person they draw
  const code = isDiskFull(error) ? 'FILES_DISK_FULL' : 'FILES_WRITE'
  send({ kind: 'failed', code, message: messageOf(error) })
}
