import { clone } from '@bufbuild/protobuf'
import { Rewriting } from '../edit/rewriting.js'
import { type ModelProto, ModelProtoSchema, type NodeProto } from '../generated/onnx_pb.js'
import { boundsOf, clipOf } from './bounds.js'
import { type Affine, affineOf, byteOf, type Range } from './integers.js'
import { hasConstantWeights, quantizedProduct } from './product.js'

/** Give images or rows that have to be bytes again, of their own range. */
const OWN_RANGE = new Set([
  ...['Add', 'AveragePool', 'Concat', 'Conv', 'Gemm', 'GlobalAveragePool', 'LeakyRelu', 'Mul'],
  'Sigmoid',
])
/** Only move bytes, or choose among them. */
const MOVE = new Set(['Flatten', 'MaxPool', 'Reshape', 'Squeeze', 'Transpose', 'Unsqueeze'])
const PRODUCTS = new Set(['Conv', 'Gemm', 'MatMul'])

/**
 * A model that multiplies bytes, of one that `prepareInt8` has made: int8 weights with a scale a channel, uint8 values
 * between the operators, int32 biases, written as QuantizeLinear and DequantizeLinear around float operators (QDQ), which
 * ONNX Runtime puts together: QLinearConv, QLinearAdd, QGemm. What follows the last product is float32, and so is what
 * goes in and out.
 *
 * @param model only read
 * @param ranges of the values that flow between the nodes, by name, as faces make them
 */
export function quantizeInt8(model: ModelProto, ranges: ReadonlyMap<string, Range>): ModelProto {
  return new Quantizer(clone(ModelProtoSchema, model), ranges).run()
}

/**
 * Values whose ranges `quantizeInt8` asks for, in a model that `prepareInt8` has made. Not all are of floats: sizes flow
 * through the same operators.
 */
export function valuesToMeasure(model: ModelProto): string[] {
  const graph = new Rewriting(clone(ModelProtoSchema, model))
  const names = graph.nodes.flatMap(({ opType, input, output: [y] }) => {
    const next = graph.onlyReader(y!)
    return [
      ...(PRODUCTS.has(opType) ? input.slice(0, 1) : []),
      ...(OWN_RANGE.has(opType) ? [next && boundsOf(graph, next) ? next.output[0]! : y!] : []),
    ]
  })
  return [...new Set(names)]
}

interface Bytes extends Affine {
  readonly name: string
  /** Constants: scale and zero. */
  readonly affine: readonly [string, string]
  /** The value as floats that were bytes. */
  floats?: string
}

class Quantizer extends Rewriting {
  private readonly made: NodeProto[] = []
  /** How values are bytes, and the names that they have as bytes and as floats made of them. */
  private readonly bytes = new Map<string, Bytes>()
  /** Bounds that the bytes of the value before them keep by themselves. */
  private readonly kept = new Set<NodeProto>()
  private readonly beforeLast = new Set<string>()

  constructor(
    model: ModelProto,
    private readonly ranges: ReadonlyMap<string, Range>,
  ) {
    super(model)
    for (const node of [...this.nodes].reverse())
      if (PRODUCTS.has(node.opType) || node.output.some((name) => this.beforeLast.has(name)))
        for (const name of node.input) this.beforeLast.add(name)
  }

  run(): ModelProto {
    for (const node of this.nodes) if (!this.kept.has(node)) this.quantize(node)
    this.graph.node = this.made
    return this.finish()
  }

  private quantize(node: NodeProto): void {
    const { opType, input } = node
    const known = this.bytes.get(input[0] ?? '')
    if (known && MOVE.has(opType)) this.move(node, known)
    else if (known && ['Clip', 'Relu'].includes(opType)) this.bound(node, known)
    else if (PRODUCTS.has(opType) && this.isProduct(node)) this.product(node)
    else if (OWN_RANGE.has(opType) && this.isAmongBytes(node)) this.around(node)
    else {
      node.input = input.map((name) => (this.bytes.has(name) ? this.floatsOf(name) : name))
      this.made.push(node)
    }
  }

  /** Whether its inputs and output have ranges, and bytes are wanted behind it. */
  private goesOn({ output: [y] }: NodeProto): boolean {
    return this.beforeLast.has(y!) && this.ranges.has(y!)
  }

  /** Of bytes, at least one: what is computed in floats, such as the sums of a transformer, stays so. */
  private isAmongBytes(node: NodeProto): boolean {
    const { input } = node
    return (
      input.some((name) => this.bytes.has(name)) && input.every(this.hasRange) && this.goesOn(node)
    )
  }

  private hasRange = (name: string) => this.bytes.has(name) || this.ranges.has(name)

  private isProduct(node: NodeProto): boolean {
    return this.hasRange(node.input[0]!) && hasConstantWeights(this, node)
  }

  private product(node: NodeProto): void {
    const [x] = node.input as [string]
    const floats = this.floatsOf(x)
    this.made.push(...quantizedProduct(this, node, floats, this.bytes.get(x)!))
    // A MatMul gives floats: ONNX Runtime has it so, and a bias may follow.
    if (node.opType !== 'MatMul') this.give(node)
  }

  private around(node: NodeProto): void {
    node.input = node.input.map((name) => this.floatsOf(name))
    this.made.push(node)
    this.give(node)
  }

  /** Turns a node's result into bytes, where bytes are wanted; bounds right behind it become the range of the bytes. */
  private give(node: NodeProto): void {
    const [y] = node.output as [string]
    const next = this.onlyReader(y)
    const bounds = next && boundsOf(this, next)
    if (bounds && this.goesOn(next)) {
      const range = this.ranges.get(next.output[0]!)!
      this.kept.add(next)
      this.toBytes(
        y,
        next.output[0]!,
        affineOf({
          min: Math.max(range.min, bounds.min),
          max: Math.min(range.max, bounds.max),
        }),
      )
    } else if (this.goesOn(node)) this.toBytes(y, y, affineOf(this.ranges.get(y)!))
  }

  private move(node: NodeProto, { scale, zero, affine, ...known }: Bytes): void {
    const [y] = node.output as [string]
    const name = this.name(`${y}_bytes`)
    node.input[0] = known.name
    node.output[0] = name
    this.made.push(node)
    this.bytes.set(y, { scale, zero, affine, name })
    this.outputOf(y)
  }

  private bound(node: NodeProto, { scale, zero, affine, ...known }: Bytes): void {
    const [y] = node.output as [string]
    const { min, max } = clipOf(this, node)
    const bound = (value: number, end: string) =>
      Number.isFinite(value)
        ? this.constant(`${y}_${end}`, Uint8Array.of(byteOf(value, { scale, zero })), [])
        : ''
    const clip = this.node('Clip', [known.name, bound(min, 'min'), bound(max, 'max')], `${y}_bytes`)
    if (clip.input[2] === '') clip.input.pop()
    this.made.push(clip)
    this.bytes.set(y, { scale, zero, affine, name: clip.output[0]! })
    this.outputOf(y)
  }

  /** An output of the graph is of floats, under its own name. */
  private outputOf(y: string): void {
    if (!this.isOutput(y)) return
    const back = this.dequantized(y, this.bytes.get(y)!)
    back.output = [y]
    this.made.push(back)
  }

  /** @param from a float value, `to` what its bytes stand for */
  private toBytes(from: string, to: string, { scale, zero }: Affine): void {
    const affine = [
      this.constant(`${to}_step`, Float32Array.of(scale), []),
      this.constant(`${to}_zero`, Uint8Array.of(zero), []),
    ] as const
    const quantize = this.node('QuantizeLinear', [from, ...affine], `${to}_bytes`)
    this.made.push(quantize)
    this.bytes.set(to, { scale, zero, affine, name: quantize.output[0]! })
  }

  /** The name of a value as floats that were bytes. */
  private floatsOf(name: string): string {
    if (!this.bytes.has(name)) this.toBytes(name, name, affineOf(this.ranges.get(name)!))
    const known = this.bytes.get(name)!
    if (known.floats === undefined) {
      const node = this.dequantized(name, known)
      this.made.push(node)
      known.floats = node.output[0]!
    }
    return known.floats
  }

  private dequantized(value: string, { name, affine }: Bytes): NodeProto {
    return this.node('DequantizeLinear', [name, ...affine], `${value}_floats`)
  }
}
