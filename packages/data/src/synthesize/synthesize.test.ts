import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IMAGE_BYTES } from '@arcface/vision'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFolders } from '../folders/folders.js'
import { splitPeople } from '../folders/split.js'
import { decodeImage } from '../images/decode.js'
import { readPairs } from '../pairs/pairs.js'
import { drawSyntheticPairs } from './pairs.js'
import { synthesizeFaces, synthesizeVerification } from './synthesize.js'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-synthesize-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

const filesOf = (root: string) =>
  openFolders([root]).samples.map(({ path }) => ({
    name: path.slice(root.length),
    bytes: readFileSync(path).toString('base64'),
  }))

describe('synthesizeFaces', () => {
  it('draws the same pictures for the same seed and any number of workers', async () => {
    const drawn: number[] = []
    const onProgress = (people: number) => drawn.push(people)
    const options = { people: 3, imagesPerPerson: 2 }
    const one = join(dir, 'one')
    await synthesizeFaces(one, { ...options, seed: 4, workers: 1, onProgress })
    expect(drawn).toEqual([1, 2, 3])
    const two = join(dir, 'two')
    await synthesizeFaces(two, { ...options, seed: 4, workers: 2 })
    const files = filesOf(one)
    expect(filesOf(two)).toEqual(files)
    expect(files.map(({ name }) => name)).toEqual([
      '/person_0001/person_0001_0001.jpg',
      '/person_0001/person_0001_0002.jpg',
      '/person_0002/person_0002_0001.jpg',
      '/person_0002/person_0002_0002.jpg',
      '/person_0003/person_0003_0001.jpg',
      '/person_0003/person_0003_0002.jpg',
    ])
    expect(new Set(files.map(({ bytes }) => bytes)).size).toBe(6)
    const other = join(dir, 'other')
    await synthesizeFaces(other, { ...options, seed: 5 })
    expect(filesOf(other)[0]!.bytes).not.toBe(files[0]!.bytes)
    const pixels = await decodeImage(openFolders([one]).samples[0]!.path)
    expect(pixels.length).toBe(IMAGE_BYTES)
    expect(new Set(pixels).size).toBeGreaterThan(50)
  })

  it('refuses a folder with something in it, a file, and numbers that make no sense', async () => {
    const refusal = (target: string, people: number, code: string) =>
      expect(
        synthesizeFaces(target, { people, imagesPerPerson: 1, seed: 0 }),
      ).rejects.toMatchObject({ code })
    writeFileSync(join(dir, 'file'), '')
    await refusal(dir, 1, 'FILES_WRITE')
    await refusal(join(dir, 'file'), 1, 'FILES_WRITE')
    await refusal(join(dir, 'new'), 0, 'DATA_OPTION')
  })
})

const disk = mkdtempSync(join(tmpdir(), 'arcface-synthesize-disk-'))
const mounted = () => {
  mkdirSync(disk, { recursive: true })
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk]).status === 0
}
const unmount = () => {
  spawnSync('umount', [disk])
  rmSync(disk, { recursive: true, force: true })
}
const mayMount = mounted()
unmount()

describe.skipIf(!mayMount)('on a full disk (needs the right to mount)', () => {
  it('drawing and dividing end in FILES_DISK_FULL, with what to do', async () => {
    const full = expect.objectContaining({
      code: 'FILES_DISK_FULL',
      message: expect.stringMatching(/cannot be filled: .*the disk is full/),
      hint: expect.stringMatching(/remove what was written/),
    })
    const drawn = join(dir, 'some')
    const options = { people: 8, imagesPerPerson: 2, seed: 0 }
    await synthesizeFaces(drawn, options)
    mounted()
    try {
      await expect(synthesizeFaces(join(disk, 'drawn'), options)).rejects.toThrow(full)
      rmSync(join(disk, 'drawn'), { recursive: true })
      const [train, test] = [join(disk, 'train'), join(disk, 'test')]
      expect(() => splitPeople(openFolders([drawn]), { train, test, share: 0.5, seed: 0 })).toThrow(
        full,
      )
    } finally {
      unmount()
    }
  })
})

describe('synthesizeVerification', () => {
  it('writes a list that readPairs reads', async () => {
    const images = join(dir, 'test')
    const file = join(dir, 'pairs.txt')
    await synthesizeVerification(images, file, {
      people: 4,
      imagesPerPerson: 2,
      seed: 1,
      folds: 2,
    })
    const { a, same, folds } = readPairs(file, images)
    expect(folds).toBe(2)
    expect(a.length).toBe(8)
    expect([...same]).toEqual([1, 1, 0, 0, 1, 1, 0, 0])
  })
})

describe('drawSyntheticPairs', () => {
  it('deals each person to one fold, balanced, with no pair twice', () => {
    const folds = drawSyntheticPairs({ people: 63, imagesPerPerson: 12, seed: 2 })
    expect(folds).toHaveLength(10)
    const foldOf = new Map<string, number>()
    folds.forEach((pairs, fold) => {
      expect(pairs).toHaveLength(600)
      expect(pairs.filter(([a, b]) => a.name === b.name)).toHaveLength(300)
      const keys = pairs.map((pair) =>
        pair
          .map(({ name, number }) => `${name} ${number}`)
          .sort()
          .join(),
      )
      expect(new Set(keys).size).toBe(600)
      for (const { name, number } of pairs.flat()) {
        expect(foldOf.get(name) ?? fold).toBe(fold)
        foldOf.set(name, fold)
        if (number < 1 || number > 12) throw new Error(`picture ${number}`)
      }
    })
    expect(foldOf.size).toBe(63)
  })

  it('takes all pairs where there are few, and refuses to invent more', () => {
    const few = { people: 20, imagesPerPerson: 3, seed: 0 }
    expect(drawSyntheticPairs(few)[0]).toHaveLength(12) // two people with three pairs each, and as many mismatched
    const refusal = expect.objectContaining({ code: 'DATA_OPTION' })
    expect(() => drawSyntheticPairs({ ...few, pairsPerFold: 7 })).toThrow(refusal)
    expect(() => drawSyntheticPairs({ ...few, people: 19 })).toThrow(refusal)
    expect(() => drawSyntheticPairs({ ...few, imagesPerPerson: 1 })).toThrow(refusal)
  })
})
