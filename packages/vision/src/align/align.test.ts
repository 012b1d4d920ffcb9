import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Photo } from '../image/photo.js'
import { alignFace, TEMPLATE } from './align.js'
import { type Point, similarity } from './similarity.js'

interface Golden {
  picture: string
  cases: {
    points: [number, number][]
    umeyama: number[][]
    estimated: number[][] | null
    aligned: string
  }[]
}

// Made by goldens/align.py with OpenCV and numpy.
const golden = JSON.parse(
  readFileSync(new URL('../../goldens/generated/align.json', import.meta.url), 'utf8'),
) as Golden
const toPoints = (rows: [number, number][]): Point[] => rows.map(([x, y]) => ({ x, y }))

async function readPng(base64: string): Promise<Photo> {
  const { data, info } = await sharp(Buffer.from(base64, 'base64'))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect(info.channels).toBe(3)
  return { width: info.width, height: info.height, pixels: data }
}

let picture: Photo
beforeAll(async () => {
  picture = await readPng(golden.picture)
})

describe('similarity', () => {
  it.each(golden.cases)("is Umeyama's, and OpenCV's where points fit exactly", (given) => {
    const { a, b, tx, ty } = similarity(toPoints(given.points), TEMPLATE)
    const found = [a, -b, tx, b, a, ty]
    for (const [expected, digits] of [
      [given.umeyama, 9],
      [given.estimated, 4],
    ] as const)
      expected?.flat().forEach((value, i) => {
        expect(found[i]).toBeCloseTo(value, digits)
      })
  })

  it('finds the similarity that points were moved by', () => {
    const number = (bound: number) => fc.double({ min: -bound, max: bound, noNaN: true })
    fc.assert(
      fc.property(number(3), number(3), number(500), number(500), (a, b, tx, ty) => {
        fc.pre(Math.hypot(a, b) > 0.01)
        const moved = TEMPLATE.map(({ x, y }) => ({ x: a * x - b * y + tx, y: b * x + a * y + ty }))
        const found = similarity(TEMPLATE, moved)
        expect(found.a).toBeCloseTo(a, 9)
        expect(found.b).toBeCloseTo(b, 9)
        expect(found.tx).toBeCloseTo(tx, 6)
        expect(found.ty).toBeCloseTo(ty, 6)
      }),
    )
  })
})

describe('alignFace', () => {
  it.each(golden.cases)("is OpenCV's warpAffine within one grey level", async (given) => {
    const found = alignFace(picture, toPoints(given.points))
    const { width, height, pixels } = await readPng(given.aligned)
    expect([width, height]).toEqual([112, 112])
    const apart = found.reduce((sum, value, i) => sum + Math.abs(value - pixels[i]!), 0)
    expect(apart / found.length).toBeLessThan(1)
    expect(found.some((value) => value > 0)).toBe(true)
  })

  it('copies a face that stands as the template does', () => {
    const pixels = Uint8Array.from({ length: 112 * 112 * 3 }, (_, i) => (i * 7919) % 256)
    expect(alignFace({ width: 112, height: 112, pixels }, TEMPLATE)).toEqual(pixels)
  })

  it.each([
    ['four points', TEMPLATE.slice(1)],
    ['one place', TEMPLATE.map(() => ({ x: 5, y: 5 }))],
    ['no list', undefined as never],
    ['no numbers', TEMPLATE.map(() => ({ x: Number.NaN, y: 0 }))],
  ])('refuses %s', (_, points) => {
    expect(() => alignFace(picture, points)).toThrow(
      expect.objectContaining({ code: 'VISION_USE' }),
    )
  })
})
