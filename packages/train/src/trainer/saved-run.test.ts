import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { synthesizeFaces } from '@arcface/data'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ConfigInput } from '../config/schema.js'
import { loadRun, openRunEmbedder } from '../run/load.js'
import { exportedMetadata, smallConfig, trainUntil } from '../testing/runs.js'
import { resume, train } from './trainer.js'

const room = mkdtempSync(join(tmpdir(), 'saved-run-'))
const faces = join(room, 'faces')

const config = (output: string, more: Partial<ConfigInput> = {}) =>
  smallConfig(join(room, output), faces, more)

const interrupted = (output: string, step: number) => trainUntil(config(output), step)

beforeAll(async () => {
  await synthesizeFaces(faces, { people: 8, imagesPerPerson: 6, seed: 1 })
})

describe('a saved run', () => {
  it('loads for embedding and keeps to its architecture', async () => {
    await interrupted('saved', 3)
    const run = join(room, 'saved')
    const { embed, dim, close } = await openRunEmbedder(run)
    const rows = await embed(new Uint8Array(2 * 112 * 112 * 3).fill(90), 2)
    expect(rows).toHaveLength(2 * dim)
    expect(rows.slice(0, dim)).toEqual(rows.slice(dim))
    await close()
    const file = join(run, 'config.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('embedding: 32', 'embedding: 64'))
    expect(() => loadRun(run)).toThrow(
      expect.objectContaining({
        code: 'TRAIN_CHECKPOINT',
        message: expect.stringMatching(/another architecture.*\[32/),
      }),
    )
  })

  it('says which file of a checkpoint is cut off', async () => {
    await interrupted('cut', 2)
    truncateSync(join(room, 'cut/checkpoints/step-2/optimizer.safetensors'), 1000)
    await expect(resume(join(room, 'cut'))).rejects.toMatchObject({
      code: 'TRAIN_CHECKPOINT',
      message: expect.stringMatching(
        /optimizer\.safetensors.*ends early|optimizer\.safetensors.*whole/,
      ),
    })
  })

  it('says which file of a checkpoint has other bytes than were saved', async () => {
    await interrupted('rotten', 2)
    const folder = join(room, 'rotten/checkpoints/step-2')
    const file = join(folder, 'head-0-of-1.safetensors')
    const bytes = readFileSync(file)
    bytes[bytes.length - 100]! ^= 1
    writeFileSync(file, bytes)
    await expect(resume(join(room, 'rotten'))).rejects.toMatchObject({
      code: 'TRAIN_CHECKPOINT',
      message: expect.stringMatching(/head-0-of-1\.safetensors.*not the bytes that were saved/),
    })
    const others = readdirSync(folder).filter((name) => /^(backbone|optimizer|random)/.test(name))
    const sums = readFileSync(join(folder, 'SHA256SUMS'), 'utf8')
    for (const name of others)
      expect(sums).toContain(
        `${createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')}  ${name}`,
      )
    writeFileSync(join(folder, 'SHA256SUMS'), Buffer.alloc(sums.length))
    expect(() => loadRun(join(room, 'rotten'))).toThrow(
      expect.objectContaining({
        code: 'TRAIN_CHECKPOINT',
        message: expect.stringMatching(/SHA256SUMS is damaged/),
      }),
    )
  })

  it('is exported by the number of a step, and those that there are are named', async () => {
    await train(config('stepwise', { checkpoint: { every: 5, keep: 9 } }))
    const run = join(room, 'stepwise')
    expect((await exportedMetadata(run, 'step-5')).data).toMatchObject({ step: 5 })
    expect(() => loadRun(run, { checkpoint: 'step-6' })).toThrow(
      expect.objectContaining({
        code: 'TRAIN_CHECKPOINT',
        message: expect.stringMatching(
          /step-6 is no checkpoint: the run has step-12, step-10, step-5$/,
        ),
      }),
    )
  })

  it('is missed where there is none', () => {
    expect(() => loadRun(join(room, 'nowhere'))).toThrow(
      expect.objectContaining({ code: 'TRAIN_RUN' }),
    )
  })
})

const disk = join(room, 'disk')
const unmount = () => execFileSync('umount', ['-l', disk])

/** Mounts a file system of 45 MB. @returns whether this process may */
function mountDisk(): boolean {
  mkdirSync(disk, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=45m', 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const canMount = mountDisk()
if (canMount) unmount()
describe.skipIf(!canMount)('on a disk that fills (needs the right to mount a tmpfs)', () => {
  it('keeps the last good checkpoint and says that the disk is full', async () => {
    mountDisk()
    try {
      const full = { ...config('x'), output: join(disk, 'run') }
      full.checkpoint = { ...full.checkpoint, every: 1, keep: 10 }
      await expect(train(full)).rejects.toMatchObject({ code: 'TRAIN_DISK_FULL' })
      const run = join(disk, 'run')
      expect(loadRun(run).step).toBeGreaterThan(0)
      expect(readdirSync(join(run, 'checkpoints')).filter((name) => name.endsWith('.tmp'))).toEqual(
        [],
      )
    } finally {
      unmount()
    }
  })
})
