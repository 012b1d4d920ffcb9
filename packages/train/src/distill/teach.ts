import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { imageKey, type Sample } from '@arcface/data'
import { goodImages } from '@arcface/evaluate/run'
import { noGrad, ops, scope, tensor } from '@arcface/libtorch'
import { mirrorImages } from '@arcface/vision'
import type { Config } from '../config/schema.js'
import type { Team } from '../distributed/team.js'
import { TrainError } from '../errors.js'
import { directions } from '../losses/cosines.js'
import { embedBatch, toInput } from '../network/embed.js'
import { type Taught, TeacherFile, TeacherWriter } from './file.js'
import type { Teacher } from './teacher.js'

/** Images at a time, of each rank. */
const BATCH = 64

export interface Lesson {
  samples: readonly Sample[]
  teacher: Teacher
  config: Pick<Config, 'data' | 'distill' | 'train'>
  team: Team
  /** Told how many of the images are done. */
  onProgress?: (done: number, total: number) => void
  onWarning?: (message: string) => void
  signal?: AbortSignal | undefined
}

/**
 * The teacher's embeddings of all images as they lie on the disk, and of their mirror images where augmentation mirrors or
 * `distill.sees` adds the two (at unit length): those in the file where they are of this teacher and these images, else
 * computed, each rank its share, and written there. Images that cannot be decoded have zeros. Null where it was aborted.
 * @throws TrainError TRAIN_TEACHER if it gives NaN or infinity; FilesError FILES_WRITE, FILES_DISK_FULL
 */
export async function teachAll(path: string, lesson: Lesson): Promise<TeacherFile | null> {
  const { samples, teacher, config, team, onWarning } = lesson
  const taught: Taught = {
    ...{ teacher: teacher.sha256, dim: teacher.dim, samples: samples.length },
    data: team.leads ? identityOf(samples) : '',
    sees: config.distill?.sees === 'both' ? 'sum' : config.data.augment.flip ? 'each' : 'image',
  }
  const known = team.leads ? TeacherFile.find(path, taught) : null
  if (team.leads && known === null && existsSync(path))
    onWarning?.(
      `${path} is damaged, or of another teacher or other images: the teacher's embeddings are computed again`,
    )
  if (team.any(known !== null)) return known ?? TeacherFile.open(path)
  if (!(await compute(path, taught, lesson))) return null
  team.meet()
  return TeacherFile.open(path)
}

/** Writes the file. False where it was aborted. */
async function compute(path: string, taught: Taught, lesson: Lesson): Promise<boolean> {
  const { samples, teacher, config, team, onProgress, signal } = lesson
  using file = team.leads ? new TeacherWriter(path, taught) : null
  const blocks = Math.ceil(samples.length / BATCH)
  const own = samples.filter((_, i) => Math.floor(i / BATCH) % team.world === team.rank)
  const images = goodImages(own, BATCH)
  const { sees, dim } = taught
  const width = sees === 'each' ? 2 * dim : dim
  for (let block = 0; block < blocks; block += team.world) {
    if (team.any(signal?.aborted ?? false)) return false
    const { value: mine } = await images.next()
    const found = new Float32Array(BATCH * width)
    if (mine && mine.rows.length > 0) {
      const rows = embed(teacher, mine.pixels, mine.rows.length, sees, config.train)
      for (const [i, row] of mine.rows.entries())
        found.set(rows.subarray(i * width, (i + 1) * width), (row % BATCH) * width)
    }
    const all = scope(() => team.gather(tensor(found, [BATCH, width])).toFloat32Array())
    if (!all.every(Number.isFinite))
      throw new TrainError(
        'TRAIN_TEACHER',
        `the teacher gives NaN or infinity for one of the images from ${block * BATCH} on: nothing can be learnt of it`,
      )
    const done = Math.min((block + team.world) * BATCH, samples.length)
    file?.add(all.subarray(0, (done - block * BATCH) * width))
    onProgress?.(done, samples.length)
  }
  file?.commit()
  return true
}

/** What a file keeps of some images, row by row; in float32 whatever the training computes in. */
function embed(
  { network }: Teacher,
  pixels: Uint8Array,
  count: number,
  sees: Taught['sees'],
  train: Config['train'],
): Float32Array {
  const exact = { ...train, precision: 'fp32' } as const
  const of = (images: Uint8Array) => embedBatch(network, toInput(images, count, train), exact)
  return noGrad(() =>
    scope(() => {
      const plain = of(pixels)
      if (sees === 'image') return plain.toFloat32Array()
      const mirrored = of(mirrorImages(pixels))
      if (sees === 'each') return ops.cat([plain, mirrored], 1).toFloat32Array()
      return ops.add(directions(plain, 'float32'), directions(mirrored, 'float32')).toFloat32Array()
    }),
  )
}

/** What images are known by: their places, sizes and times. A copy of the data is computed anew. */
function identityOf(samples: readonly Sample[]): string {
  const hash = createHash('sha256')
  let last = { path: '', stamp: '' }
  for (const sample of samples) {
    const { path } = sample
    // The records of a file lie together. Of a file that is gone the loader tells.
    if (path !== last.path) {
      const stat = statSync(path, { throwIfNoEntry: false })
      last = { path, stamp: `${stat?.size} ${stat?.mtimeMs}` }
    }
    hash.update(`${imageKey(sample)}\t${last.stamp}\n`)
  }
  return hash.digest('hex')
}
