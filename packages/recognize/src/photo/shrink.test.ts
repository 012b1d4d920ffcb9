import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kindsOfPatterns } from '@arcface/testing'
import { Detector, type Photo, paint, type Shrink } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { modelFile } from '../network/network.js'
import { readPhoto } from './photo.js'
import { shrinkPhoto } from './shrink.js'

// What is passed in beside what the detectors do without. Of samples that lie just between two places libvips decides by
// where its own tiles begin, which follows from how it cuts the work: of these sizes only 1921 x 1081 has such.
it.each([
  [450, 349, 160, 124],
  [576, 432, 160, 120],
  [750, 500, 80, 53],
  [801, 603, 320, 241],
  [1000, 750, 80, 60],
  [1280, 960, 320, 240],
  [1501, 994, 80, 53],
  [1921, 1081, 320, 180],
  [2000, 3001, 160, 240],
])(
  '%d x %d to %d x %d by sharp is our own, but for a few values in a thousand',
  async (width, height, columns, rows) => {
    const order = { order: 'RGB', mean: 0, scale: 1 } as const
    for (const draw of Object.values(kindsOfPatterns)) {
      const photo = draw(3, width, height)
      const paintBy = async (shrink?: Shrink) =>
        (await paint(photo, { width: columns, height: rows }, 1, order, shrink)).values
      const [theirs, ours] = [await paintBy(shrinkPhoto), await paintBy()]
      const differences = ours.map((value, i) => Math.abs(value - theirs[i]!))
      expect(differences.filter((one) => one > 2)).toEqual(new Float32Array())
      expect(differences.filter((one) => one > 0).length / ours.length).toBeLessThan(1e-2)
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
    '%s finds the same with sharp and without, within 0.05 pixels of the photograph',
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
      const near = (x: number, y: number) => Math.abs(x - y) < 0.05
      for (const a of theirs) {
        const b = ours.find(({ box }) => near(box.x, a.box.x) && near(box.y, a.box.y))!
        expect(Math.abs(b.score - a.score)).toBeLessThan(1e-4)
        expect(Math.abs(b.plausibility - a.plausibility)).toBeLessThan(1e-4)
        expect(near(b.box.width, a.box.width) && near(b.box.height, a.box.height)).toBe(true)
        b.points.forEach((point, i) => {
          expect(near(point.x, a.points[i]!.x) && near(point.y, a.points[i]!.y)).toBe(true)
        })
      }
    },
  )
})
