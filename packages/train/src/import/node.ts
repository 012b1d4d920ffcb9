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
  readonly #settings: ReadonlyMap<string, Setting>

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
    settings: Iterable<Setting> = [],
  ) {
    this.#settings = new Map([...settings].map((one) => [one.name, one]))
  }

  has(setting: string): boolean {
    return this.#settings.has(setting)
  }
  int(setting: string, byDefault: number): number {
    return Number(this.#settings.get(setting)?.i ?? byDefault)
  }
  float(setting: string, byDefault: number): number {
    return this.#settings.get(setting)?.f ?? byDefault
  }
  ints(setting: string): number[] | undefined {
    return this.#settings.get(setting)?.ints.map(Number)
  }
  floats(setting: string): number[] | undefined {
    return this.#settings.get(setting)?.floats
  }
  text(setting: string, byDefault: string): string {
    const found = this.#settings.get(setting)
    return found ? new TextDecoder().decode(found.s) : byDefault
  }
  /** A tensor that an attribute holds. */
  numbers(setting: string): Numbers | undefined {
    const tensor = this.#settings.get(setting)?.t
    return tensor && { shape: tensor.dims.map(Number), values: numbersOf(tensor) }
  }

  /** @throws TrainError TRAIN_IMPORT that names the node */
  refuse(why: string): never {
    return refuse(`${this.type} "${this.name.slice(0, 80)}": ${why}`)
  }
}

/** Numbers that a file holds, row-major. */
export interface Numbers {
  readonly shape: readonly number[]
  readonly values: Float32Array | BigInt64Array
}
