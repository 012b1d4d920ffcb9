import { mkdirSync, mkdtempSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { decodeImage, openFolders, type Sample, synthesizeFaces } from '@arcface/data'
import { loadSafetensors, manualSeed, type nn, noGrad, ops, scope, tensor } from '@arcface/libtorch'
import { beforeAll, describe, expect, it } from 'vitest'
import { createBackbone } from '../backbones/index.js'
import { checkConfig } from '../config/load.js'
import { Team } from '../distributed/team.js'
import { type Lesson, teachAll } from './teach.js'

const DIM = 4
const room = mkdtempSync(join(tmpdir(), 'teach-'))
let samples: Sample[]
let network: nn.Module
let bad: string

beforeAll(async () => {
  const faces = join(room, 'faces')
  await synthesizeFaces(faces, { people: 3, imagesPerPerson: 4, seed: 1 })
  bad = join(faces, 'person_0002', 'bad.jpg')
  mkdirSync(dirname(bad), { recursive: true })
  writeFileSync(bad, 'no picture')
  ;({ samples } = openFolders([faces]))
  manualSeed(1)
  network = createBackbone('r10-small', { embeddingSize: DIM }).eval()
})

const configOf = (sees: string, flip: boolean) =>
  checkConfig({
    data: { roots: ['-'], augment: { flip } },
    model: { backbone: 'r10-small', embedding: DIM },
    distill: { teacher: '-', sees },
    train: { threads: 1 },
  } as never)

const lesson = (sees: string, flip: boolean, more: Partial<Lesson> = {}): Lesson => ({
  ...{ samples, config: configOf(sees, flip), team: Team.alone() },
  teacher: { network, dim: DIM, sha256: 'one', name: 'teacher' },
  ...more,
})

/** Straight from the pixels, image by image: the teacher at unit length. */
async function unit({ path }: Sample, mirrored: boolean): Promise<number[]> {
  const pixels = await decodeImage(path)
  const x = Float32Array.from({ length: 3 * 112 * 112 }, (_, at) => {
    const [channel, y, column] = [Math.floor(at / 12544), Math.floor(at / 112) % 112, at % 112]
    const value = pixels[(y * 112 + (mirrored ? 111 - column : column)) * 3 + channel]!
    return (value - 127.5) / 127.5
  })
  const raw = noGrad(() => scope(() => network.call(tensor(x, [1, 3, 112, 112])).toFloat32Array()))
  return [...raw].map((value) => value / Math.hypot(...raw))
}

const directionOf = (row: readonly number[]) => row.map((value) => value / Math.hypot(...row))

describe('what a teacher gives', () => {
  it.each([
    ['clean', true],
    ['clean', false],
    ['both', true],
    ['both', false],
  ])('is kept by image: sees %s, flip %s', async (sees, flip) => {
    const path = join(room, `${sees}-${flip}`)
    const file = (await teachAll(path, lesson(sees, flip)))!
    const indices = Int32Array.of(7, 0, 7)
    const mirrored = Uint8Array.of(1, 0, 0)
    const rows = file.rows(indices, mirrored)
    for (const [i, index] of indices.entries()) {
      const found = [...rows.subarray(i * DIM, (i + 1) * DIM)]
      const [plain, turned] = [
        await unit(samples[index]!, false),
        await unit(samples[index]!, true),
      ]
      const expected =
        sees === 'both'
          ? plain.map((value, k) => value + turned[k]!)
          : flip && mirrored[i] === 1
            ? turned
            : plain
      directionOf(found).forEach((value, k) => {
        expect(value).toBeCloseTo(directionOf(expected)[k]!, 5)
      })
    }
    file.close()
    const { teacher } = Object.fromEntries(loadSafetensors(path))
    expect(teacher!.shape).toEqual([samples.length, sees === 'clean' && flip ? 2 : 1, DIM])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('is 0 for an image that cannot be decoded', async () => {
    const index = samples.findIndex((sample) => sample.path === bad)
    const file = (await teachAll(join(room, 'bad'), lesson('clean', true)))!
    expect([...file.rows(Int32Array.of(index, index), Uint8Array.of(0, 1))]).toEqual(
      new Array(2 * DIM).fill(0),
    )
    file.close()
  })

  it('is computed once, and again for another teacher, view, set or image', async () => {
    const path = join(room, 'again')
    const calls: string[] = []
    const ask = async (what: string, more: Partial<Lesson> = {}) => {
      const file = await teachAll(path, {
        ...lesson('clean', true, more),
        onProgress: () => calls.push(what),
      })
      file?.close()
    }
    await ask('first')
    await ask('the same')
    const image = samples[0]!.path
    utimesSync(image, new Date(0), new Date(0))
    await ask('image')
    await ask('teacher', { teacher: { network, dim: DIM, sha256: 'two', name: 'teacher' } })
    await ask('set', { samples: samples.slice(1) })
    await ask('view', { samples: samples.slice(1), config: configOf('both', true) })
    expect(calls).toEqual(['first', 'image', 'teacher', 'set', 'view'])
  })

  it('leaves no file where it was aborted, or is not finite', async () => {
    const path = join(room, 'ended')
    const stop = new AbortController()
    stop.abort()
    expect(await teachAll(path, lesson('clean', true, { signal: stop.signal }))).toBeNull()
    expect(() => readFileSync(path)).toThrow()
    manualSeed(1)
    const broken = createBackbone('r10-small', { embeddingSize: DIM }).eval()
    noGrad(() => ops.fill_(broken.parameters()[0]!, Number.NaN))
    const teacher = { network: broken, dim: DIM, sha256: 'nan', name: 'broken' }
    await expect(teachAll(path, lesson('clean', true, { teacher }))).rejects.toThrow(
      expect.objectContaining({ code: 'TRAIN_TEACHER', message: expect.stringMatching(/NaN/) }),
    )
    expect(() => readFileSync(path)).toThrow()
  })
})
