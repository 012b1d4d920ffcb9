import { create } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ModelProtoSchema } from '../generated/onnx_pb.js'
import type { Calibration } from './calibration.js'
import {
  ARCFACE_ALIGNMENT,
  type ArcfaceMetadataInput,
  formatArcfaceMetadata,
  getMetadata,
  parseArcfaceMetadata,
  preprocessingSchema,
  setArcfaceMetadata,
  setMetadata,
  thresholdMetadata,
  thresholdsOf,
  withThresholds,
} from './metadata.js'
import { parseThresholds } from './thresholds.js'

const METADATA: ArcfaceMetadataInput = {
  format: 1,
  input: { layout: 'NCHW', size: [112, 112] },
  alignment: ARCFACE_ALIGNMENT,
  dim: 512,
  loss: { name: 'arcface', scale: 64, margin: [1, 0.5, 0] },
  backbone: 'r50',
  data: { name: 'faces', people: 289 },
  thresholds: { '1e-3': 0.3125 },
}

const CALIBRATION: Calibration = {
  method: 'logistic',
  prior: 0.5,
  points: [
    [0, -4],
    [0.5, 6],
  ],
  measured: {
    source: 'somebody',
    people: 100,
    images: 1000,
    genuine: 3000,
    impostors: 4000,
    cllr: 0.2,
    minCllr: 0.19,
  },
}

describe('the metadata of our models', () => {
  it('has the documented keys, as text that other tools can show', () => {
    expect(formatArcfaceMetadata(METADATA)).toEqual({
      'arcface.format': '1',
      'arcface.input':
        '{"colorOrder":"RGB","range":255,"mean":[0,0,0],"std":[1,1,1],"layout":"NCHW","size":[112,112]}',
      'arcface.alignment': JSON.stringify(ARCFACE_ALIGNMENT),
      'arcface.dim': '512',
      'arcface.loss': '{"name":"arcface","scale":64,"margin":[1,0.5,0]}',
      'arcface.backbone': 'r50',
      'arcface.data': '{"name":"faces","people":289}',
      'arcface.thresholds': '{"1e-3":0.3125}',
    })
  })

  it('survives the way through a model, beside the metadata of others', () => {
    const model = create(ModelProtoSchema, { metadataProps: [{ key: 'author', value: 'x' }] })
    setMetadata(model, formatArcfaceMetadata(METADATA))
    setMetadata(model, formatArcfaceMetadata({ ...METADATA, dim: 128 }))
    expect(model.metadataProps.length).toBe(9)
    const parsed = parseArcfaceMetadata(getMetadata(model), 'model.onnx')
    expect(parsed).toMatchObject({ dim: 128, backbone: 'r50', thresholds: { '1e-3': 0.3125 } })
    expect(parsed?.input.std).toEqual([1, 1, 1])
  })

  it('keeps what the thresholds were measured on; files of older versions have none', () => {
    const tail = { level: 0.35, rate: 1e-4, shape: -0.1, scale: 0.03 }
    const impostors = { pairs: 40_000_000, people: 288, smallestFar: 5e-7, tail }
    const thresholds = { source: 'somebody', cosine: { '1e-2': 0.25, '1e-3': 0.35 }, impostors }
    const written = formatArcfaceMetadata({ ...METADATA, ...thresholdMetadata(thresholds) })
    // As older versions read it.
    expect(JSON.parse(written['arcface.thresholds']!)).toEqual(thresholds.cosine)
    expect(thresholdsOf(parseArcfaceMetadata(written, 'new.onnx')!)).toEqual(thresholds)
    const old = parseArcfaceMetadata(formatArcfaceMetadata(METADATA), 'old.onnx')!
    expect(thresholdsOf(old)).toEqual({
      source: "the model's metadata",
      cosine: { '1e-3': 0.3125 },
    })
    expect(thresholdsOf({ ...old, thresholds: undefined })).toBeUndefined()
  })

  it('keeps the calibration', () => {
    const thresholds = { source: 'somebody', cosine: { '1e-2': 0.25 }, calibration: CALIBRATION }
    const written = formatArcfaceMetadata({ ...METADATA, ...thresholdMetadata(thresholds) })
    expect(JSON.parse(written['arcface.calibration']!)).toEqual(CALIBRATION)
    const { calibration } = thresholdsOf(parseArcfaceMetadata(written, 'new.onnx')!)!
    expect(calibration).toEqual(CALIBRATION)
    expect(parseThresholds(JSON.stringify(thresholds), 'thresholds.json')).toEqual(thresholds)
  })

  it('forgets what was measured before where other thresholds are named', () => {
    const model = create(ModelProtoSchema, { metadataProps: [{ key: 'author', value: 'x' }] })
    const impostors = { pairs: 1000, people: 50, smallestFar: 0.01 }
    const before = {
      source: 'before',
      cosine: { '1e-2': 0.25 },
      impostors,
      calibration: CALIBRATION,
    }
    setArcfaceMetadata(model, { ...METADATA, ...thresholdMetadata(before) })
    const read = () => parseArcfaceMetadata(getMetadata(model), 'model.onnx')!
    expect(thresholdsOf(read())).toEqual(before)
    const now = { source: "the model's metadata", cosine: { '1e-2': 0.4 } }
    setArcfaceMetadata(model, withThresholds(read(), now))
    expect(thresholdsOf(read())).toEqual(now)
    expect(getMetadata(model)).not.toHaveProperty('arcface.calibration')
    expect(getMetadata(model)).toMatchObject({ author: 'x', 'arcface.dim': '512' })
  })

  it.each([
    [
      'a likelihood ratio that falls',
      {
        points: [
          [0, 1],
          [0.5, 0],
        ],
      },
    ],
    [
      'a cosine that stands there twice',
      {
        points: [
          [0, 1],
          [0, 2],
        ],
      },
    ],
    ['one point', { points: [[0, 1]] }],
    [
      'a ratio that no pairs bear out',
      {
        points: [
          [0, 1],
          [0.5, 100],
        ],
      },
    ],
    ['a prior of 1', { prior: 1 }],
    ['another method', { method: 'guess' }],
  ])('refuses a calibration of %s', (_, wrong) => {
    const calibration = { ...CALIBRATION, ...wrong }
    const text = JSON.stringify({ source: 'x', cosine: {}, calibration })
    expect(() => parseThresholds(text, 'thresholds.json')).toThrow(
      expect.objectContaining({
        code: 'ONNX_BAD_METADATA',
        message: expect.stringContaining('calibration.'),
      }),
    )
  })

  it('is undefined for models of others', () => {
    expect(parseArcfaceMetadata({ author: 'x', dim: '3' }, 'other.onnx')).toBeUndefined()
  })

  it.each([
    ['arcface.dim', '"many"'],
    ['arcface.dim', '0'],
    ['arcface.format', '2'],
    ['arcface.input', '{"layout":"NCHW","size":[112,112],"std":0}'],
    ['arcface.thresholds', '{"often":0.3}'],
    ['arcface.thresholds', '{"1e-2":0.3,"1e-3":0.2}'],
    ['arcface.impostors', '{"source":"x","pairs":10,"people":5,"smallestFar":2}'],
    ['arcface.loss', '{name: arcface}'],
  ])('refuses %s = %s and names the key', (key, value) => {
    const strings = { ...formatArcfaceMetadata(METADATA), [key]: value }
    expect(() => parseArcfaceMetadata(strings, 'm.onnx')).toThrow(
      expect.objectContaining({
        code: 'ONNX_BAD_METADATA',
        message: expect.stringContaining(key),
      }),
    )
  })

  it('refuses a missing key', () => {
    const { 'arcface.input': _, ...rest } = formatArcfaceMetadata(METADATA)
    expect(() => parseArcfaceMetadata(rest, 'm.onnx')).toThrow(/arcface\.input/)
  })

  it('says the same in numbers and in triples', () => {
    fc.assert(
      fc.property(fc.float({ min: 1, max: 255, noNaN: true }), (v) => {
        const one = preprocessingSchema.parse({ mean: v, std: v })
        expect(preprocessingSchema.parse({ mean: [v, v, v], std: [v, v, v] })).toEqual(one)
      }),
    )
    expect(preprocessingSchema.safeParse({ colour: 'RGB' }).success).toBe(false)
  })
})
