import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { radians } from '@arcface/evaluate'
import { getNumThreads, liveTensors } from '@arcface/libtorch'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { parseLoss } from '../named-loss.js'
import { writeGeometry } from '../output.js'
import { toyPage } from './page.js'
import { drawPatterns, SIDE } from './patterns.js'
import { directionsAt, firstRows } from './rows.js'
import { runToy, toyPlan } from './run.js'
import { frameSteps } from './train.js'

const before = liveTensors()
const threads = getNumThreads()
const plan = { ...toyPlan, frames: 5 }
const toy = runToy(['softmax', 'norm-softmax', 'arcface'].map(parseLoss), plan)
const run = (name: string, dim: number) =>
  toy.runs.find((one) => one.loss.name === name && one.dim === dim)!

describe('patterns', () => {
  it('hang on the seed alone, differ from picture to picture, and look alike within an identity', () => {
    const options = { identities: 3, perIdentity: 40, seed: 5 }
    const { images, labels } = drawPatterns(options)
    expect(drawPatterns(options).images).toEqual(images)
    expect(drawPatterns({ ...options, seed: 6 }).images).not.toEqual(images)
    const pixels = SIDE * SIDE
    const image = (i: number) => images.subarray(i * pixels, (i + 1) * pixels)
    const distance = (a: number, b: number) =>
      Math.hypot(...image(a).map((value, p) => value - image(b)[p]!))
    const mean = (same: boolean) => {
      const found: number[] = []
      for (let a = 0; a < labels.length; a++)
        for (let b = a + 1; b < labels.length; b++)
          if ((labels[a] === labels[b]) === same) found.push(distance(a, b))
      expect(Math.min(...found)).toBeGreaterThan(1)
      return found.reduce((sum, one) => sum + one, 0) / found.length
    }
    expect(mean(true)).toBeLessThan(mean(false))
  })
})

describe('toy', () => {
  it.each([2, 3])('shows the margin in %i dimensions: ArcFace is more compact', (dim) => {
    const [plain, margin] = [run('norm-softmax', dim), run('arcface', dim)]
    expect(margin.statistics.at(-1)!.intra).toBeLessThan(plain.statistics.at(-1)!.intra)
    expect(margin.statistics.at(-1)!.wEc!).toBeLessThan(plain.statistics.at(-1)!.wEc!)
    // Training has found the identities: they are farther apart than they are wide.
    const { intra, inter } = margin.statistics.at(-1)!
    expect(inter).toBeGreaterThan(5 * intra)
  })

  it.each([1, 2])(
    'shows the point of figure 3, seed %i: softmax is not as compact as ArcFace',
    (seed) => {
      const runs =
        seed === plan.seed
          ? toy.runs
          : runToy(['softmax', 'arcface'].map(parseLoss), { ...plan, seed, dims: [2] }).runs
      const of = (name: string) =>
        runs.find(({ loss, dim }) => loss.name === name && dim === 2)!.statistics.at(-1)!
      expect(of('arcface').intra).toBeLessThan(of('softmax').intra / 2)
      expect(of('arcface').gap).toBeGreaterThan(of('softmax').gap + radians(10))
    },
  )

  it('starts every loss from the same network, and ends it elsewhere', () => {
    const [a, b] = [run('norm-softmax', 2).frames, run('arcface', 2).frames]
    expect(a.map(({ step }) => step)).toEqual(frameSteps(plan.steps, 5))
    expect(a[0]!.features).toEqual(b[0]!.features)
    expect(a[0]!.centres).toEqual(b[0]!.centres)
    expect(a.at(-1)!.features).not.toEqual(b.at(-1)!.features)
  })

  it('says where the first patterns of each identity and the centres point', () => {
    const one = run('arcface', 3)
    const rows = firstRows(one, 2)
    expect(rows.map((row) => one.labels[row])).toEqual(
      Array.from({ length: 16 }, (_, i) => Math.floor(i / 2)),
    )
    const frame = one.frames.at(-1)!
    const { points, centres } = directionsAt(frame, rows, 3)
    expect(points).toHaveLength(16 * 3)
    rows.forEach((row, i) => {
      const feature = frame.features.subarray(row * 3, row * 3 + 3)
      const length = Math.hypot(...feature)
      const point = [...points.subarray(i * 3, i * 3 + 3)]
      point.forEach((value, k) => {
        expect(value).toBeCloseTo(feature[k]! / length, 6)
      })
      // After training each of them is nearer to the centre of its own identity than to any other.
      const cosines = Array.from({ length: 8 }, (_, j) =>
        point.reduce((sum, value, k) => sum + value * centres![j * 3 + k]!, 0),
      )
      expect(cosines.indexOf(Math.max(...cosines))).toBe(one.labels[row])
    })
  })

  it('gives the same bits again, and leaves threads and memory as they were', () => {
    const short = { ...plan, steps: 30, dims: [2] as const }
    const once = () => runToy([parseLoss('triplet')], short).runs[0]!
    expect(once().frames).toEqual(once().frames)
    expect(once().frames[0]!.centres).toBeNull()
    expect(once().statistics[0]!.wEc).toBeNull()
    expect(getNumThreads()).toBe(threads)
    expect(liveTensors()).toBe(before)
  })

  it('refuses a setting out of range', () => {
    expect(() => runToy([parseLoss('{name: arcface, margin: 4}')], plan)).toThrow(
      expect.objectContaining({ code: 'TRAIN_LOSS' }),
    )
  })
})

describe('the page', () => {
  it('animates features and centres, and is written with pictures that can be opened', async () => {
    const page = await toyPage(toy, plan)
    const svg = page.pictures.find(({ name }) => name === 'toy-2d')!.svg.toString()
    expect(page.html).toContain(svg)
    // 30 dots of 8 identities and 8 centres, under 3 losses.
    expect(svg.match(/<circle[^>]*r="2.2"/g)).toHaveLength(3 * 240)
    expect(svg.match(/<line/g)).toHaveLength(3 * 8)
    expect(svg).toMatch(/<animate attributeName="cx"[^>]*values="[\d.]+(;[\d.]+){12}"/)
    const folder = mkdtempSync(join(tmpdir(), 'toy-'))
    const files = await writeGeometry(folder, page)
    expect(files).toHaveLength(1 + 2 + 3 + 3)
    const webp = await sharp(join(folder, 'toy-2d.webp')).metadata()
    expect(webp).toMatchObject({ format: 'webp', pages: 5, width: 640 })
    expect(await sharp(join(folder, 'toy-3d.png')).metadata()).toMatchObject({ width: 1280 })
    const html = readFileSync(join(folder, 'toy.html'), 'utf8')
    expect(html).not.toMatch(/<script|src=|https?:\/\/(?!www\.w3\.org)/)
  })
})
