import { node as nodeOf } from '../build/parts.js'
import { attributeOf, Rewriting } from '../edit/rewriting.js'
import { type ModelProto, type NodeProto, TensorProto_DataType } from '../generated/onnx_pb.js'
import { fitHalf, halfOf } from './half.js'
import { plainModel } from './plain.js'

const { FLOAT, FLOAT16, BOOL, INT64 } = TensorProto_DataType

/** Sum many squares, or take powers, which overflow early. */
const IN_FLOAT = new Set([
  ...['Exp', 'InstanceNormalization', 'LayerNormalization', 'LpNormalization', 'Pow', 'Reciprocal'],
  ...['ReduceL2', 'ReduceMean', 'ReduceSum', 'ReduceSumSquare', 'Resize', 'Softmax', 'Sqrt'],
])
const NONE = new Float32Array(0)
/** What normalises pixels, which are up to 255: it stays as it is until the first other node. */
const NORMALIZE = new Set(['Cast', 'Div', 'Gather', 'Mul', 'Sub', 'Transpose'])
const GIVE: Readonly<Record<string, TensorProto_DataType>> = {
  ...{ Shape: INT64, Size: INT64, ArgMax: INT64, NonZero: INT64 },
  ...{ Equal: BOOL, Greater: BOOL, Less: BOOL, GreaterOrEqual: BOOL, LessOrEqual: BOOL, Not: BOOL },
}

/**
 * A copy of a float32 model with weights and arithmetic of float16; what goes in and out is float32 as before. In float32
 * stay what normalises the pixels, sums of squares and powers, and products with weights that float16 cannot hold.
 *
 * @throws as `plainModel`
 */
export function toFloat16(model: ModelProto, name: string): ModelProto {
  return new Halver(plainModel(model, name)).run()
}

class Halver extends Rewriting {
  private readonly made: NodeProto[] = []
  /** Types of values; those of constants are in them. */
  private readonly types = new Map<string, number>()
  private readonly casts = new Map<string, string>()

  run(): ModelProto {
    for (const { name, type } of this.graph.input)
      if (type?.value.case === 'tensorType') this.types.set(name, type.value.value.elemType)
    const pixels = new Set(this.graph.input.map(({ name }) => name))
    for (const node of this.nodes) {
      const first = NORMALIZE.has(node.opType) && pixels.has(node.input[0]!)
      if (first) for (const name of node.output) pixels.add(name)
      this.convert(
        node,
        first || IN_FLOAT.has(node.opType) || this.isBeyond(node) ? FLOAT : FLOAT16,
      )
    }
    this.graph.node = this.made
    return this.finish()
  }

  private typeOf = (name: string): number | undefined =>
    this.constants.get(name)?.dataType ?? this.types.get(name)

  private isBeyond = ({ input }: NodeProto): boolean =>
    input.some((name) => !fitHalf(this.floats(name)?.data ?? NONE))

  private convert(node: NodeProto, type: typeof FLOAT | typeof FLOAT16): void {
    node.input = node.input.map((name) => this.as(name, type))
    const floats = node.input.some((name) => this.typeOf(name) === type)
    const given = GIVE[node.opType] ?? this.givenBy(node, floats ? type : undefined)
    this.made.push(node)
    for (const [i, name] of node.output.entries()) {
      if (given === FLOAT16 && this.isOutput(name)) {
        node.output[i] = this.name(`${name}_half`)
        this.cast(node.output[i], name, FLOAT)
        this.types.set(node.output[i], FLOAT16)
        this.types.set(name, FLOAT)
        this.casts.set(`${name} ${FLOAT16}`, node.output[i])
      } else if (given !== undefined) this.types.set(name, given)
    }
  }

  /** What a node gives that gives what it takes; a cast to floats is one to float16 here. */
  private givenBy(node: NodeProto, type: number | undefined): number | undefined {
    const to = attributeOf(node, 'to')
    if (node.opType === 'Cast' && to) {
      if (to.i === BigInt(FLOAT) && type !== FLOAT) to.i = BigInt(FLOAT16)
      return Number(to.i)
    }
    const value = attributeOf(node, 'value')?.t
    if (value) return value.dataType
    const data = node.opType === 'Where' ? node.input[1] : node.input[0]
    return data === undefined ? type : (this.typeOf(data) ?? type)
  }

  /** A value as floats of a type; what is none stays as it is. */
  private as(name: string, type: typeof FLOAT | typeof FLOAT16): string {
    const own = this.typeOf(name)
    if (own === type || (own !== FLOAT && own !== FLOAT16)) return name
    const key = `${name} ${type}`
    const known = this.casts.get(key)
    if (known) return known
    const made = this.constants.has(name)
      ? this.halved(name)
      : this.name(`${name}_${type === FLOAT ? 'float' : 'half'}`)
    if (!this.constants.has(name)) this.cast(name, made, type)
    this.types.set(made, type)
    this.casts.set(key, made)
    return made
  }

  private halved(name: string): string {
    const { dims } = this.constants.get(name)!
    const bits = Uint16Array.from(this.floats(name)!.data, halfOf)
    const made = this.constant(`${name}_half`, NONE, [])
    const rawData = new Uint8Array(bits.buffer)
    Object.assign(this.constants.get(made)!, { dims, dataType: FLOAT16, rawData })
    return made
  }

  private cast(from: string, to: string, type: TensorProto_DataType): void {
    this.made.push(nodeOf('Cast', [from], to, { to: { int: type } }, this.name(`${to}_cast`)))
  }
}
