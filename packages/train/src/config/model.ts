import { z } from 'zod'
import { preprocessing } from './preprocessing.js'

/** The backbone that is the graph of an ONNX file. */
export const ONNX = 'onnx'

/** The network that is trained. */
export const model = z.strictObject({
  /** A name of the registry, as docs/train.md lists them, or `onnx`; `FILE.onnx` is `onnx` with these weights. */
  backbone: z.string(),
  /** Length of the embedding; 0: that of the ONNX file, which has no other. */
  embedding: z.int().min(0).default(512),
  /** Share of the last features that training zeroes. */
  dropout: z.number().min(0).lt(1).default(0),
  /**
   * Weights to begin with: a run, or `.safetensors`, `.pth`, `.pt`, MXNet's `.params`. What fits by name is taken. With
   * backbone `onnx` the ONNX file, which is both; on the command line also a pack or a run.
   */
  weights: z.string().nullable().default(null),
  /** Single values of what the ONNX file wants pixels to be; null: as its metadata, `FILE.json` or InsightFace's rule say. */
  preprocessing,
  /** Gives convolutions of the ONNX file back the BatchNorm that was folded into them. */
  unfold: z.boolean().default(false),
  /**
   * Beginnings of names of the parts that keep their weights and statistics: `layer1` is all of `layer1.*`, `..layer4` what
   * comes before it.
   */
  freeze: z.array(z.string()).default([]),
})

const isFile = (backbone: string) => /\.onnx$/i.test(backbone)

/** `backbone: FILE.onnx` is `onnx` with this file as weights; an embedding that nobody gave is the file's. */
export function backboneFromFile(value: unknown): unknown {
  const given = z
    .looseObject({
      model: z.looseObject({ backbone: z.string(), weights: z.unknown().optional() }),
    })
    .safeParse(value)
  if (!given.success) return value
  const { backbone, weights = null, ...rest } = given.data.model
  const model = { embedding: 0, ...rest }
  if (isFile(backbone) && weights === null)
    return { ...given.data, model: { ...model, backbone: ONNX, weights: backbone } }
  return backbone === ONNX ? { ...given.data, model: { ...model, backbone, weights } } : value
}

/** Keys of `model` that an ONNX file does not go with, or that need one; and why. */
export function* wrongWithFile(given: z.output<typeof model>): Generator<[string, string]> {
  const { backbone, weights, embedding, dropout, preprocessing, unfold } = given
  if (isFile(backbone))
    yield ['weights', `${backbone} has its own; leave out one of model.backbone and model.weights`]
  else if (backbone !== ONNX) {
    if (embedding === 0) yield ['embedding', 'it must be 1 or more; only an ONNX file has its own']
    if (preprocessing !== null)
      yield [
        'preprocessing',
        `of an ONNX file only; ${backbone} takes pixels as they are trained on`,
      ]
    if (unfold) yield ['unfold', `of an ONNX file only; ${backbone} has its BatchNorm`]
    if (weights !== null && isFile(weights))
      yield ['weights', `${weights} is a network of its own; set model.backbone to onnx`]
  } else {
    if (weights === null) yield ['weights', 'backbone onnx needs the ONNX file of an embedder']
    if (dropout > 0) yield ['dropout', 'the graph of an ONNX file has no dropout; leave it out']
  }
}
