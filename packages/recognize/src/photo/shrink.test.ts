import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kindsOfPatterns } from '@arcface/testing'
import { Detector, type Photo, paint, type Shrink } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { modelFile } from '../network/network.js'
import { readPhoto } from './photo.js'
import { shrinkPhoto } from './shrink.js'

// What is passed in beside what the detectors do without.
it.each([
  [450, 349, 160, 124],
  [576, 432, 160, 120],
  [750, 500, 80, 53],
  [1000, 750, 80, 60],
  [1501, 994, 80, 53],
])(
  '%d x %d to %d x %d by sharp is our own within 3 grey levels; it ends cut blocks otherwise',
  async (width, height, columns, rows) => {
    const order = { order: 'RGB', mean: 0, scale: 1 } as const
    for (const draw of Object.values(kindsOfPatterns)) {
      const photo = draw(3, width, height)
      const paintBy = async (shrink?: Shrink) =>
        (await paint(photo, { width: columns, height: rows }, 1, order, shrink)).values
      const [theirs, ours] = [await paintBy(shrinkPhoto), await paintBy()]
      const differences = ours.map((value, i) => Math.abs(value - theirs[i]!))
      const inside = differences.filter(
        (_, i) => i % columns < columns - 1 && Math.floor(i / columns) % rows < rows - 1,
      )
      expect(Math.max(...inside)).toBeLessThan(3)
      const squares = differences.reduce((sum, one) => sum + one * one, 0)
      expect(Math.sqrt(squares / theirs.length)).toBeLessThan(1)
    }
  },
)

/** Side of a tile, and how many lie beside each other. */
const TILE = 480
const ACROSS = 5

/** Photographs beside each other in a large one. */
function together(photos: readonly Photo[]): Photo {
  const [width, height] = [ACROSS * TILE, Math.ceil(photos.length / ACROSS) * TILE]
  const pixels = new Uint8Array(width * height * 3)
  photos.forEach((photo, i) => {
    const [x, y] = [(i % ACROSS) * TILE, Math.floor(i / ACROSS) * TILE]
    for (let row = 0; row < Math.min(TILE, photo.height); row++) {
      const from = row * photo.width * 3
      const line = photo.pixels.subarray(from, from + Math.min(TILE, photo.width) * 3)
      pixels.set(line, ((y + row) * width + x) * 3)
    }
  })
  return { width, height, pixels }
}

const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
describe.skipIf(!existsSync(shared))('on photographs of ../shared', () => {
  it.each(['yunet_s_dynamic', 'scrfd_500m'])(
    '%s finds the same with sharp and without, within 0.2 pixels of its input',
    async (name) => {
      const folder = join(shared, 'faces/photos')
      const files = readdirSync(folder)
        .slice(0, 20)
        .map((person) => join(folder, person, readdirSync(join(folder, person)).sort()[0]!))
      const photo = together(await Promise.all(files.map((file) => readPhoto(file))))
      const find = async (shrink?: Shrink) => {
        const model = await modelFile(join(shared, 'models', `${name}.onnx`))
        const detector = await Detector.open(model, { shrink })
        const faces = await detector.detect(photo)
        await detector.close()
        return faces
      }
      const [theirs, ours] = [await find(shrinkPhoto), await find()]
      expect(theirs.length).toBeGreaterThanOrEqual(files.length - 2)
      expect(ours.length).toBe(theirs.length)
      const near = (x: number, y: number) => Math.abs(x - y) < (0.2 * photo.width) / 640
      for (const a of theirs) {
        const b = ours.find(({ box }) => near(box.x, a.box.x) && near(box.y, a.box.y))!
        expect(Math.abs(b.score - a.score)).toBeLessThan(0.02)
        expect(Math.abs(b.plausibility - a.plausibility)).toBeLessThan(0.05)
        expect(near(b.box.width, a.box.width) && near(b.box.height, a.box.height)).toBe(true)
        b.points.forEach((point, i) => {
          expect(near(point.x, a.points[i]!.x) && near(point.y, a.points[i]!.y)).toBe(true)
        })
      }
    },
  )
})
