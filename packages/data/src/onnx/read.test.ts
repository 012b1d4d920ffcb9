import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { modelInputs, modelOutputs } from '@arcface/onnx'
import { describe, expect, it } from 'vitest'
import { readModel } from './read.js'

const SHARED = fileURLToPath(new URL('../../../../../shared/models', import.meta.url))

describe('readModel', () => {
  it('tells a missing file from a file of another kind', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'arcface-onnx-'))
    try {
      const jpeg = join(dir, 'face.onnx')
      await writeFile(jpeg, Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46]))
      await expect(readModel(jpeg)).rejects.toMatchObject({ code: 'ONNX_NOT_A_MODEL' })
      await expect(readModel(dir)).rejects.toMatchObject({ code: 'ONNX_UNREADABLE' })
      await expect(readModel(join(dir, 'none'))).rejects.toMatchObject({ code: 'ONNX_UNREADABLE' })
    } finally {
      await rm(dir, { recursive: true })
    }
  })

  describe.skipIf(!existsSync(SHARED))('with ../shared/models', () => {
    it('reads the shapes of MobileFaceNet', async () => {
      const model = await readModel(join(SHARED, 'MobileFaceNet.onnx'))
      expect(modelInputs(model).map((v) => v.shape?.slice(1))).toEqual([[3, 112, 112]])
      expect(modelOutputs(model).map((v) => v.shape?.slice(1))).toEqual([[128]])
    })
  })
})
