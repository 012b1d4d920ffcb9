import { nn, type Tensor } from '@arcface/libtorch'

export interface MobileFaceNetOptions {
  /** Residual blocks of the four stages; 1 in the first means a single convolution in groups. */
  blocks: readonly [number, number, number, number]
  /** Widths between blocks are 64 and 128 times this; those inside them do not change. */
  scale: number
  embeddingSize: number
}

interface ConvOptions {
  kernel?: number
  stride?: number
  padding?: number
  groups?: number
  /** Without PReLU. */
  linear?: boolean
}

/** A module that runs others in order under the name `layers`. */
class Layers extends nn.Module {
  protected readonly layers: nn.Sequential
  constructor(...modules: nn.Module[]) {
    super()
    this.layers = this.child('layers', new nn.Sequential(...modules))
  }
  override forward(x: Tensor): Tensor {
    return this.layers.call(x)
  }
}

/** Convolution, BN, PReLU, and the sum with a second input if there is one. */
class ConvBlock extends nn.Module {
  readonly #convolution: nn.Conv2d
  readonly #norm: nn.BatchNorm2d
  readonly #activation: nn.PReLU | null
  constructor(
    inputs: number,
    outputs: number,
    { kernel = 1, stride = 1, padding = 0, groups = 1, linear = false }: ConvOptions = {},
  ) {
    super()
    const shape = { stride, padding, groups, bias: false }
    this.#convolution = new nn.Conv2d(inputs, outputs, kernel, shape)
    this.#norm = new nn.BatchNorm2d(outputs)
    this.#activation = linear ? null : new nn.PReLU(outputs)
    const layers = [this.#convolution, this.#norm, ...(this.#activation ? [this.#activation] : [])]
    this.child('layers', new nn.Sequential(...layers))
  }
  override forward(x: Tensor, residual?: Tensor): Tensor {
    const following = { activation: this.#activation, residual: residual ?? null }
    return this.#norm.after(this.#convolution, following, x)
  }
}

/** Expand to `inner` channels, depthwise 3x3 with stride, project without activation. */
class DepthWise extends nn.Module {
  readonly #expand: ConvBlock
  readonly #filter: ConvBlock
  readonly #project: ConvBlock
  constructor(inputs: number, outputs: number, inner: number, stride = 2) {
    super()
    this.#expand = new ConvBlock(inputs, inner)
    this.#filter = new ConvBlock(inner, inner, { kernel: 3, stride, padding: 1, groups: inner })
    this.#project = new ConvBlock(inner, outputs, { linear: true })
    this.child('layers', new nn.Sequential(this.#expand, this.#filter, this.#project))
  }
  override forward(x: Tensor, residual?: Tensor): Tensor {
    const inner = this.#filter.call(this.#expand.call(x))
    return residual ? this.#project.call(inner, residual) : this.#project.call(inner)
  }
}

class ResidualDepthWise extends DepthWise {
  constructor(channels: number, inner: number) {
    super(channels, channels, inner, 1)
  }
  override forward(x: Tensor): Tensor {
    return super.forward(x, x)
  }
}

class Residual extends Layers {
  constructor(channels: number, count: number, inner: number) {
    super(...Array.from({ length: count }, () => new ResidualDepthWise(channels, inner)))
  }
}

/** Global depthwise convolution over the 7x7 map, a linear layer, BN. */
class GlobalDepthwise extends Layers {
  constructor(channels: number, embeddingSize: number) {
    super(
      new ConvBlock(channels, channels, { kernel: 7, groups: channels, linear: true }),
      new nn.Flatten(),
      new nn.Linear(channels, embeddingSize, { bias: false }),
      new nn.BatchNorm1d(embeddingSize),
    )
  }
}

/** Channels before the head, whatever the scale. */
const FEATURES = 512

/**
 * MobileFaceNet (arXiv 1804.07573) as arcface_torch's mobilefacenet.py has it, with its state-dict names:
 * [N, 3, 112, 112] in -1..1 to [N, embeddingSize], not normalised.
 */
export class MobileFaceNet extends nn.Module {
  readonly #modules: nn.Module[]

  constructor({ blocks, scale, embeddingSize }: MobileFaceNetOptions) {
    super()
    const [first, second, third, fourth] = blocks
    const narrow = 64 * scale
    const wide = 128 * scale
    this.#modules = [
      this.child(
        'layers',
        new nn.Sequential(
          new ConvBlock(3, narrow, { kernel: 3, stride: 2, padding: 1 }),
          first === 1
            ? new ConvBlock(narrow, narrow, { kernel: 3, padding: 1, groups: 64 })
            : new Residual(narrow, first, 128),
          new DepthWise(narrow, narrow, 128),
          new Residual(narrow, second, 128),
          new DepthWise(narrow, wide, 256),
          new Residual(wide, third, 256),
          new DepthWise(wide, wide, 512),
          new Residual(wide, fourth, 256),
        ),
      ),
      this.child('conv_sep', new ConvBlock(wide, FEATURES)),
      this.child('features', new GlobalDepthwise(FEATURES, embeddingSize)),
    ]
    for (const [, module] of this.namedModules())
      if (module instanceof nn.Conv2d || module instanceof nn.Linear)
        nn.init.kaimingNormal(module.weight, 'fanOut')
  }

  override forward(x: Tensor): Tensor {
    return this.#modules.reduce((value, module) => module.call(value), x)
  }
}
