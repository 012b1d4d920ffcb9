import { mkdtempSync, readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { writePicture } from './pictures.js'

const IMAGE = 112 * 112 * 3
/** Images each of one colour, by number. */
const batch = (count: number) =>
  Uint8Array.from({ length: count * IMAGE }, (_, i) => 7 * Math.floor(i / IMAGE))

describe('writePicture', () => {
  it('shows the first images of a batch in rows of eight', async () => {
    const run = mkdtempSync(join(tmpdir(), 'run-'))
    await writePicture(run, 12, batch(34))
    const path = join(run, 'pictures/step-12.jpg')
    const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true })
    expect([info.width, info.height]).toEqual([896, 448])
    for (let image = 0; image < 32; image++) {
      const [x, y] = [(image % 8) * 112 + 56, Math.floor(image / 8) * 112 + 56]
      expect(Math.abs(data[(y * 896 + x) * 3]! - 7 * image)).toBeLessThanOrEqual(2)
    }
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('keeps the latest five, and none of steps that are made again', async () => {
    const run = mkdtempSync(join(tmpdir(), 'run-'))
    const kept = () => readdirSync(join(run, 'pictures')).sort()
    for (let step = 1; step <= 7; step++) await writePicture(run, step, batch(3))
    expect(kept()).toEqual([3, 4, 5, 6, 7].map((step) => `step-${step}.jpg`))
    await writePicture(run, 5, batch(3))
    expect(kept()).toEqual([3, 4, 5].map((step) => `step-${step}.jpg`))
  })
})
