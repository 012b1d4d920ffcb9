import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { imageKey, type Sample } from '@arcface/data'
import { goodImages } from '@arcface/evaluate/run'
import { noGrad, scope, tensor } from '@arcface/libtorch'
import { mirrorImages } from '@arcface/vision'
import type { Config } from '../config/schema.js'
import type { Team } from '../distributed/team.js'
import { TrainError } from '../errors.js'
import { embedBatch, toInput } from '../network/embed.js'
import { type Taught, TeacherFile, TeacherWriter } from './file.js'
import type { Teacher } from './teacher.js'

/** Images at a time, of each rank. */
const BATCH = 64

export interface Lesson {
  samples: readonly Sample[]
  teacher: Teacher
  config: Pick<Config, 'data' | 'train'>
  team: Team
  /** Told how many of the images are done. */
  onProgress?: (done: number, total: number) => void
  onWarning?: (message: string) => void
  signal?: AbortSignal | undefined
}

/**
 * The teacher's embeddings of all images as they lie on the disk, and where augmentation mirrors, of their mirror images:
 * those in the file where they are of this teacher and these images, else computed, each rank its share, and written
 * there. Images that cannot be decoded have zeros. Null where it was aborted.
 * @throws TrainError TRAIN_TEACHER if it gives NaN or infinity; FilesError FILES_WRITE, FILES_DISK_FULL
 */
export async function teachAll(path: string, lesson: Lesson): Promise<TeacherFile | null> {
  const { samples, teacher, config, team, onWarning } = lesson
  const taught: Taught = {
    ...{ teacher: teacher.sha256, dim: teacher.dim, samples: samples.length },
    data: team.leads ? identityOf(samples) : '',
    views: config.data.augment.flip ? 2 : 1,
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
  const { views, dim } = taught
  for (let block = 0; block < blocks; block += team.world) {
    if (team.any(signal?.aborted ?? false)) return false
    const { value: mine } = await images.next()
    const found = new Float32Array(BATCH * views * dim)
    if (mine && mine.rows.length > 0) {
      const count = mine.rows.length
      for (let view = 0; view < views; view++) {
        const pixels = view === 0 ? mine.pixels : mirrorImages(mine.pixels)
        const embedded = embed(teacher, pixels, count, config.train)
        for (const [i, row] of mine.rows.entries())
          found.set(embedded.subarray(i * dim, (i + 1) * dim), ((row % BATCH) * views + view) * dim)
      }
    }
    const all = scope(() => team.gather(tensor(found, [BATCH, views * dim])).toFloat32Array())
    if (!all.every(Number.isFinite))
      throw new TrainError(
        'TRAIN_TEACHER',
        `the teacher gives NaN or infinity for one of the images from ${block * BATCH} on: nothing can be learnt of it`,
      )
    const done = Math.min((block + team.world) * BATCH, samples.length)
    file?.add(all.subarray(0, (done - block * BATCH) * views * dim))
    onProgress?.(done, samples.length)
  }
  file?.commit()
  return true
}

/** In float32, for they are kept. */
const embed = ({ network }: Teacher, pixels: Uint8Array, count: number, train: Config['train']) =>
  noGrad(() =>
    scope(() =>
      embedBatch(network, toInput(pixels, count, train), {
        ...train,
        precision: 'fp32',
      }).toFloat32Array(),
    ),
  )

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
