import { type NodeProto, numbersOf } from '@arcface/onnx'
import { refuse } from './refuse.js'

/** How far a value is from the pixels. */
export enum Depth {
  /** It is the same for all images. */
  constant,
  /** It tells of shapes only. */
  shape,
  /** It is made of pixels by arithmetic without weights, such as their normalisation. */
  pixels,
  /** A layer with weights lies before it. */
  features,
}

type Setting = NodeProto['attribute'][number]

/** A node of a graph, as its converter sees it. */
export class GraphNode {
  depth = Depth.constant
  /** What the file says beside the inputs, by name. */
  readonly settings: ReadonlyMap<string, Setting>

  constructor(
    /** The operator; those outside of ONNX's own with their domain, such as `com.microsoft.Gelu`. */
    readonly type: string,
    /** What errors call it. */
    readonly name: string,
    /** Names of values; an empty one is left out. */
    readonly inputs: readonly string[],
    readonly outputs: readonly string[],
    /** Version of ONNX's operators. */
    readonly opset: number,
    settings: Iterable<readonly [string, Setting]> = [],
  ) {
    this.settings = new Map(settings)
  }

  has(setting: string): boolean {
    return this.settings.has(setting)
  }
  int(setting: string, byDefault: number): number {
    return Number(this.settings.get(setting)?.i ?? byDefault)
  }
  float(setting: string, byDefault: number): number {
    return this.settings.get(setting)?.f ?? byDefault
  }
  ints(setting: string): number[] | undefined {
    return this.settings.get(setting)?.ints.map(Number)
  }
  floats(setting: string): number[] | undefined {
    return this.settings.get(setting)?.floats
  }
  text(setting: string, byDefault: string): string {
    const found = this.settings.get(setting)
    return found ? new TextDecoder().decode(found.s) : byDefault
  }
  /** A tensor that an attribute holds. */
  numbers(setting: string): Numbers | undefined {
    const tensor = this.settings.get(setting)?.t
    return tensor && { shape: tensor.dims.map(Number), values: numbersOf(tensor) }
  }

  /** @throws TrainError TRAIN_IMPORT that names the node */
  refuse(why: string): never {
    return refuse(`${this.type} "${this.name.slice(0, 80)}": ${why}`)
  }
}

/** A batch normalisation with what follows it. Its inputs: the five of its own, slopes of a PRelu, what is added. */
export class FollowedNorm extends GraphNode {
  /** Of a LeakyRelu or Relu. */
  readonly slope: number | undefined

  constructor(norm: GraphNode, activation: GraphNode | undefined, sum: GraphNode | undefined) {
    const { type, name, opset } = norm
    const [own, last] = [norm.inputs.slice(0, 5), sum ?? activation ?? norm]
    const made = (activation ?? norm).outputs[0]
    const slopes = activation?.type === 'PRelu' ? activation.inputs[1] : ''
    const added = sum?.inputs.find((input) => input !== made)
    super(type, name, [...own, slopes ?? '', added ?? ''], last.outputs, opset, norm.settings)
    this.depth = norm.depth
    if (activation?.type === 'Relu') this.slope = 0
    if (activation?.type === 'LeakyRelu') this.slope = activation.float('alpha', 0.01)
  }
}

/** Numbers that a file holds, row-major. */
export interface Numbers {
  readonly shape: readonly number[]
  readonly values: Float32Array | BigInt64Array
}
