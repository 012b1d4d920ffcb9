import { messageOf } from '@arcface/files'
import { noGrad, ops, scope, type Tensor, tensor } from '@arcface/libtorch'
import { type ModelProto, OnnxError } from '@arcface/onnx'
import { adaptModel, IMAGE_SIZE, networkShape, VisionError } from '@arcface/vision'
import { TrainError } from '../errors.js'
import { compile } from './compile.js'
import { readGraph } from './graph.js'
import { ImportedNetwork } from './network.js'
import { refuse } from './refuse.js'
import { type Failed, type Program, Runner } from './run.js'
import { unfold } from './unfold.js'

/**
 * An embedder's graph as a network that trains. A graph that takes N x 112 x 112 x 3, uint8 or float16 gets nodes before
 * and behind it, in `model`, so that it takes and gives float32 as all others.
 *
 * It is tried with one image and with three: a file that was written for a fixed number of images is taken where the
 * graph itself does not depend on it.
 * @param name what errors call it
 * @param options.unfold see `unfold`
 * @throws TrainError TRAIN_IMPORT naming node, operator and reason
 */
export function importOnnx(
  model: ModelProto,
  name: string,
  options: { unfold?: boolean } = {},
): ImportedNetwork {
  try {
    const declared = networkShape(model, name)
    const { input, output, fixedBatch } = adaptModel(model, declared)
    const graph = readGraph(model, input, output)
    const program = compile(options.unfold ? unfold(graph) : graph, fixedBatch, refused)
    if (program.parameters.size === 0) refuse('it has no weights')
    return new ImportedNetwork(program, tryOut(program))
  } catch (cause) {
    if (cause instanceof VisionError)
      throw new TrainError('TRAIN_IMPORT', cause.message, { cause, hint: cause.hint })
    if (cause instanceof TrainError || cause instanceof OnnxError)
      throw new TrainError('TRAIN_IMPORT', `${name} cannot be trained: ${cause.message}`, {
        cause,
        hint: cause.hint,
      })
    throw cause
  }
}

/** Refuses a node with what libtorch says of it. */
const refusing =
  (before = ''): Failed =>
  (node, cause) => {
    if (cause instanceof TrainError) throw cause
    return node.refuse(before + messageOf(cause))
  }
const refused = refusing()
const onlySingle = refusing('it works for one image, not for several together: ')

/** Images together: not one, and seldom what a file was written for. */
const TRIED = 3

/** The length of the embeddings that it makes of some images. */
function tryOut(program: Program): number {
  const runner = new Runner(program)
  return noGrad(() =>
    scope(() => {
      const images = example(TRIED)
      const single = runner.run(ops.narrow(images, 0, 0, 1), false, refused)
      const [rows, dim, ...more] = single.shape
      if (rows !== 1 || dim === undefined || dim < 1 || more.length > 0)
        return refuse(`it makes [${single.shape.join(', ')}] of an image, an embedding is [1, D]`)
      if (!ops.all(ops.isfinite(single)).item()) refuse('it makes NaN or infinity of an image')
      const several = runner.run(images, false, onlySingle)
      if (several.shape.join() !== [TRIED, dim].join())
        refuse(
          `the graph depends on the number of images: it makes [1, ${dim}] of one and [${several.shape.join(', ')}] of ${TRIED}`,
        )
      if (!(apart(several, single) < 1e-3))
        refuse('an image has another embedding alone than among others')
      if (apart(ops.narrow(several, 0, 1, 1), single) === 0)
        refuse('it makes one embedding of all images: its weights are lost, or it is no embedder')
      return dim
    }),
  )
}

/** Difference of the first row from the only one of another, as a share of its length. */
function apart(several: Tensor, single: Tensor): number {
  const length = (of: Tensor) => ops.linalgVectorNorm(of).item()
  return length(ops.sub(ops.narrow(several, 0, 0, 1), single)) / (length(single) || 1)
}

/** Images as the trainer gives them. */
function example(batch: number): Tensor {
  const values = new Float32Array(batch * 3 * IMAGE_SIZE * IMAGE_SIZE)
  for (let i = 0; i < values.length; i++) values[i] = Math.sin(i * 0.7 + i / 4000)
  return tensor(values, [batch, 3, IMAGE_SIZE, IMAGE_SIZE])
}
