import { ops } from '@arcface/libtorch'
import { type Converter, takes } from '../converter.js'
import * as act from './activations.js'
import * as math from './arithmetic.js'
import { conv, convTranspose } from './convolution.js'
import * as norms from './norms.js'
import * as pools from './pools.js'
import { prelu } from './prelu.js'
import { gemm, matMul } from './products.js'
import * as reduce from './reductions.js'
import * as shapes from './shapes.js'

const reduction = (...reading: Parameters<typeof reduce.reduction>) =>
  takes(1, reduce.reduction(...reading))
const unary = (name: string) => takes(1, math.unary(name))
const binary = (...run: Parameters<typeof math.binary>) => takes(2, math.binary(...run))

/** The converter of each operator of ONNX that a network may be made of. `Constant` is read with the graph. */
export const converters: ReadonlyMap<string, Converter> = new Map(
  Object.entries({
    Abs: unary('aten::abs'),
    Add: binary(math.add),
    AveragePool: takes(1, pools.averagePool),
    BatchNormalization: takes(5, norms.batchNorm),
    Cast: takes(1, shapes.cast),
    Ceil: unary('aten::ceil'),
    Clip: takes(1, math.clip),
    Concat: takes(1, shapes.concat),
    ConstantOfShape: takes(1, shapes.constantOfShape),
    Conv: takes(2, conv),
    ConvTranspose: takes(2, convTranspose),
    Div: binary(math.div),
    Dropout: takes(1, act.dropout),
    Elu: takes(1, act.elu),
    Equal: binary((one, other) => ops.eq(one, other)),
    Erf: unary('aten::erf'),
    Exp: unary('aten::exp'),
    Expand: takes(2, shapes.expand),
    Flatten: takes(1, shapes.flatten),
    Floor: unary('aten::floor'),
    Gather: takes(2, shapes.gather),
    Gelu: takes(1, act.gelu),
    Gemm: takes(2, gemm),
    GlobalAveragePool: takes(1, pools.globalAveragePool),
    GlobalMaxPool: takes(1, pools.globalMaxPool),
    HardSigmoid: takes(1, act.hardSigmoid),
    HardSwish: unary('aten::hardswish'),
    Identity: takes(
      1,
      () =>
        ([x]) =>
          x,
    ),
    InstanceNormalization: takes(3, norms.instanceNorm),
    LayerNormalization: takes(2, norms.layerNorm),
    LeakyRelu: takes(1, act.leakyRelu),
    Log: unary('aten::log'),
    LpNormalization: takes(1, norms.lpNormalization),
    MatMul: takes(2, matMul),
    Max: takes(1, math.variadic(ops.maximum)),
    MaxPool: takes(1, pools.maxPool),
    Min: takes(1, math.variadic(ops.minimum)),
    Mod: takes(2, math.mod),
    Mul: binary(math.mul),
    Neg: unary('aten::neg'),
    PRelu: takes(2, prelu),
    Pad: takes(1, shapes.pad),
    Pow: binary(math.pow),
    Range: takes(3, shapes.range),
    Reciprocal: unary('aten::reciprocal'),
    ReduceL1: reduction(reduce.norm(1)),
    ReduceL2: reduction(reduce.norm(2)),
    ReduceMax: reduction(reduce.largest),
    ReduceMean: reduction(reduce.mean),
    ReduceMin: reduction(reduce.least),
    ReduceProd: reduction(reduce.product),
    ReduceSum: reduction(reduce.sum, 13),
    ReduceSumSquare: reduction(reduce.sumOfSquares),
    Relu: unary('aten::relu'),
    Reshape: takes(1, shapes.reshape),
    Shape: takes(1, shapes.shape),
    Sigmoid: unary('aten::sigmoid'),
    Slice: takes(1, shapes.slice),
    Softmax: takes(1, act.softmax),
    Softplus: unary('aten::softplus'),
    Split: takes(1, shapes.split),
    Sqrt: unary('aten::sqrt'),
    Squeeze: takes(1, shapes.squeeze),
    Sub: binary(math.sub),
    Sum: takes(1, math.variadic(ops.add)),
    Tanh: unary('aten::tanh'),
    Tile: takes(2, shapes.tile),
    Transpose: takes(1, shapes.transpose),
    Unsqueeze: takes(1, shapes.unsqueeze),
    Where: takes(3, math.where),
  } satisfies Record<string, Converter>),
)

/** Nodes that only programs have, not networks. */
const control = new Set(['If', 'Loop', 'Scan'])
const quantised =
  /^(com\.microsoft\.)?(Dynamic)?(QLinear|Quantize|Dequantize|QGemm|QAttention)|Integer$/

/** The converter of an operator. @throws TrainError TRAIN_IMPORT naming it and its node where there is none */
export const converterOf: Converter = (node, known) => {
  const converter = converters.get(node.type)
  if (converter) return converter(node, known)
  if (quantised.test(node.type))
    return node.refuse('the model is quantised; take its float32 original')
  if (control.has(node.type)) return node.refuse('branches and loops do not train')
  return node.refuse(
    `it has no converter; a network may be made of ${converters.size} operators: ${[...converters.keys()].join(', ')}`,
  )
}
