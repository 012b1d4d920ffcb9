import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  encodeModel,
  externalFiles,
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from '@arcface/onnx'
import { create } from '@bufbuild/protobuf'
import { describe, expect, it } from 'vitest'
import { modelDigest } from './digest.js'

const sha = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')
const room = () => mkdtempSync(join(tmpdir(), 'external-'))

const kept = (location: string) =>
  create(TensorProtoSchema, {
    name: location,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [{ key: 'location', value: location }],
  })

const modelOf = (...locations: string[]) =>
  create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ version: 17n }],
    graph: {
      output: [{ name: 'y' }],
      initializer: locations.map(kept),
      // A subgraph of a node may keep weights too.
      node: [{ attribute: [{ g: { initializer: locations.slice(0, 1).map(kept) } }] }],
    },
  })

describe('modelDigest', () => {
  it('is the SHA-256 of a file that holds its weights', async () => {
    const path = join(room(), 'm.onnx')
    const bytes = encodeModel(modelOf())
    writeFileSync(path, bytes)
    expect(await modelDigest(path)).toBe(sha(bytes))
  })

  it('tells weights beside the file apart, whatever the file is called', async () => {
    const [first, second] = [room(), room()]
    const bytes = encodeModel(modelOf('b.bin', 'a.bin', 'b.bin'))
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
  })

  it('names weights that are missing', async () => {
    const path = join(room(), 'm.onnx')
    writeFileSync(path, encodeModel(modelOf('none.bin')))
    await expect(modelDigest(path)).rejects.toMatchObject({
      code: 'ONNX_UNREADABLE',
      message: expect.stringMatching(/none\.bin/),
    })
  })
})

it('externalFiles refuses what lies elsewhere', () => {
  expect(externalFiles(modelOf('in/a.bin', './b.bin'), 'm')).toEqual(['b.bin', 'in/a.bin'])
  for (const place of ['/etc/passwd', '../x', 'a/../../x', ''])
    expect(() => externalFiles(modelOf(place), 'm')).toThrow(
      expect.objectContaining({ code: 'ONNX_NOT_A_MODEL' }),
    )
})
