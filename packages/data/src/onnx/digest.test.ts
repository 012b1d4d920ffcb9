import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeModel } from '@arcface/onnx'
import { externalModel } from '@arcface/testing'
import { describe, expect, it } from 'vitest'
import { modelDigest, modelDigests } from './digest.js'

const sha = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')
const room = () => mkdtempSync(join(tmpdir(), 'external-'))

describe('modelDigest', () => {
  it('is the SHA-256 of a file that holds its weights', async () => {
    const path = join(room(), 'm.onnx')
    const bytes = encodeModel(externalModel())
    writeFileSync(path, bytes)
    expect(await modelDigest(path)).toBe(sha(bytes))
    expect(await modelDigests(path)).toEqual({ sha256: sha(bytes) })
  })

  it('tells weights beside the file apart, whatever the file is called', async () => {
    const [first, second] = [room(), room()]
    const bytes = encodeModel(externalModel('b.bin', 'a.bin', 'b.bin'))
    for (const path of [join(first, 'm.onnx'), join(second, 'n.onnx')]) writeFileSync(path, bytes)
    for (const [folder, b] of [
      [first, 'two'],
      [second, 'other'],
    ] as const) {
      writeFileSync(join(folder, 'a.bin'), 'one')
      writeFileSync(join(folder, 'b.bin'), b)
    }
    const expected = (b: string) => sha(`${sha(bytes)}  \n${sha('one')}  a.bin\n${sha(b)}  b.bin\n`)
    expect(await modelDigest(join(first, 'm.onnx'))).toBe(expected('two'))
    expect(await modelDigest(join(second, 'n.onnx'))).toBe(expected('other'))
    // Before, both were known by the file alone.
    expect(await modelDigests(join(second, 'n.onnx'))).toEqual({
      sha256: expected('other'),
      olderSha256: sha(bytes),
    })
  })

  it('names weights that are missing', async () => {
    const path = join(room(), 'm.onnx')
    writeFileSync(path, encodeModel(externalModel('none.bin')))
    await expect(modelDigest(path)).rejects.toMatchObject({
      code: 'ONNX_UNREADABLE',
      message: expect.stringMatching(/none\.bin/),
    })
  })
})
