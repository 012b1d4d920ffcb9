import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { synthesizeFaces } from '@arcface/data'
import { backends } from '@arcface/libtorch'
import { beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'ranks-resume-'))
const faces = join(room, 'faces')

const train = (...args: string[]) => {
  const { status, stderr } = spawnSync(process.execPath, [bin, 'train', ...args], {
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
  return stderr
}

beforeAll(() => synthesizeFaces(faces, { people: 4, imagesPerPerson: 4, seed: 1 }))

describe.skipIf(!backends().includes('gloo'))('two ranks (needs Gloo)', () => {
  it.each([
    ['adaface and center', { name: 'adaface', regularizers: [{ name: 'center' }] }],
    ['curricularface', { name: 'curricularface' }],
  ])(
    'go on to the bits of the unbroken run, though each keeps figures of its own: %s',
    (name, loss) => {
      const [whole, broken] = [join(room, name), join(room, `${name}, broken`)] as const
      const config = join(room, `${name}.json`)
      const values = {
        output: whole,
        data: { roots: [faces] },
        model: { backbone: 'r10-small', embedding: 16 },
        loss: { scale: 16, ...loss },
        train: { epochs: 4, batchSize: 4, threads: 1 },
        checkpoint: { every: 3, keep: 9 },
      }
      writeFileSync(config, JSON.stringify(values))
      train(config, '--nproc', '2')
      cpSync(whole, broken, { recursive: true, verbatimSymlinks: true })
      const checkpoints = join(broken, 'checkpoints')
      for (const one of readdirSync(checkpoints).filter((one) => one !== 'step-3'))
        rmSync(join(checkpoints, one), { recursive: true })
      train('--resume', broken, '--nproc', '2')
      for (const part of ['backbone', 'head-0-of-1', 'loss-1-of-2'].map(
        (one) => `${one}.safetensors`,
      )) {
        const bytes = (run: string) => readFileSync(join(run, 'checkpoints/step-8', part))
        expect(bytes(broken).equals(bytes(whole)), part).toBe(true)
      }

      for (const one of readdirSync(checkpoints).filter((one) => one !== 'step-3'))
        rmSync(join(checkpoints, one), { recursive: true })
      expect(train('--resume', broken)).toMatch(
        /saved by 2 ranks and goes on with 1: not to the bits of the unbroken one; each rank begins with the mean/,
      )
    },
    120_000,
  )
})
