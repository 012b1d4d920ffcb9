import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tinyModel } from '@arcface/testing'
import { cosine, type Embedder, IMAGE_BYTES, verifyAligned } from '@arcface/vision'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmbedder } from '../embedder/open.js'

const room = mkdtempSync(join(tmpdir(), 'aligned-'))
let embedder: Embedder
beforeAll(async () => {
  writeFileSync(join(room, 'tiny.onnx'), tinyModel({ dim: 8 }))
  embedder = await openEmbedder(join(room, 'tiny.onnx'))
})
afterAll(async () => {
  await embedder.close()
  rmSync(room, { recursive: true })
})

/** Stripes of one colour, which are sharp; a plain grey, which is not. */
const striped = (width: number, colour = 0) =>
  Uint8Array.from({ length: IMAGE_BYTES }, (_, i) =>
    i % 3 === colour && Math.floor(i / 3 / width) % 2 === 0 ? 255 : 0,
  )
const grey = new Uint8Array(IMAGE_BYTES).fill(128)

describe('verifyAligned', () => {
  it('compares two faces by the threshold, with the figure of their embeddings', async () => {
    const [a, b] = [striped(4), striped(7, 2)]
    const rows = await embedder.embed(Buffer.concat([a, b]), 2)
    const similarity = cosine(rows.subarray(0, 8), rows.subarray(8))
    const given = { quality: false, threshold: similarity - 1e-3 } as const
    const result = await verifyAligned(embedder, a, b, given)
    expect(result).toMatchObject({ similarity, same: true, rejected: [], warning: null })
    const above = await verifyAligned(embedder, a, b, { ...given, threshold: similarity + 1e-3 })
    expect(above.same).toBe(false)
  })

  it('says how likely one person is where the model is calibrated, and nothing where a face is blurred', async () => {
    const [a, b] = [striped(4), striped(7, 2)]
    const { similarity } = await verifyAligned(embedder, a, b, { quality: false })
    const measured = { source: 's', people: 9, images: 9, genuine: 9, impostors: 9 }
    const calibration = {
      method: 'logistic' as const,
      prior: 0.25,
      points: [[-1, -2] as [number, number], [1, 2] as [number, number]],
      measured: { ...measured, cllr: 0, minCllr: 0 },
    }
    const thresholds = { source: 's', cosine: { '1e-3': 0.3 }, calibration }
    const sharp = await verifyAligned(embedder, a, b, { quality: false, thresholds })
    const odds = Math.exp(2 * similarity) * (0.25 / 0.75)
    expect(sharp).toMatchObject({
      probability: expect.closeTo(odds / (1 + odds), 12),
      likelihoodRatio: expect.closeTo(Math.exp(2 * similarity), 12),
      prior: 0.25,
      atBound: false,
    })
    const blurred = await verifyAligned(embedder, a, grey, { thresholds })
    expect(blurred.rejected).toContain('blurred')
    expect(blurred).not.toHaveProperty('probability')
  })

  it('gives no verdict of a blurred face, and none without a threshold', async () => {
    const blurred = await verifyAligned(embedder, striped(4), grey, { threshold: -1 })
    expect(blurred.same).toBe(null)
    expect(blurred.rejected).toContain('blurred')
    expect(blurred.b.reasons).toMatch(/^blurred \(sharpness 0\)/)
    const unknown = await verifyAligned(embedder, grey, grey, { quality: false })
    expect(unknown).toMatchObject({ same: null, threshold: null })
    expect(unknown.warning).toMatch(/names no threshold/)
  })

  it('refuses what is no aligned face before the network runs', async () => {
    const work = verifyAligned(embedder, grey, new Uint8Array(3), { threshold: 0 })
    await expect(work).rejects.toMatchObject({ code: 'VISION_IMAGES' })
  })
})
