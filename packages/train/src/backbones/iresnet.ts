import { nn, type Tensor } from '@arcface/libtorch'

export interface IResNetOptions {
  /** Residual blocks of each of the four stages. */
  layers: readonly number[]
  /** Channels of each stage; the stem has those of the first. */
  widths: readonly number[]
  /** Stride of the first convolution, 1 as published; 2 quarters the work of what follows. */
  stemStride: 1 | 2
  /** Stride of the first stage; the other stages have 2. */
  firstStride: 1 | 2
  /** PReLU as published, or LeakyReLU: PReLU with its slopes left where they start, at 0.25. */
  activation: 'prelu' | 'leaky'
  embeddingSize: number
  /** Share of the features before the last layer that training zeroes. */
  dropout: number
}

const SIDE = 112

type Activation = IResNetOptions['activation']
const activate = (activation: Activation, channels: number): nn.Activation =>
  activation === 'prelu' ? new nn.PReLU(channels) : new nn.LeakyReLU(0.25)

/** BN, conv 3x3, BN, PReLU, conv 3x3 with stride, BN; plus the shortcut, projected where shapes differ. */
class IBlock extends nn.Module {
  readonly #norms: readonly nn.BatchNorm2d[]
  readonly #convolutions: readonly nn.Conv2d[]
  readonly #activation: nn.Activation
  readonly #shortcut: nn.Module | null

  constructor(inputs: number, outputs: number, stride: number, activation: Activation) {
    super()
    const convolution = (from: number, options: nn.Conv2dOptions) =>
      new nn.Conv2d(from, outputs, 3, { padding: 1, bias: false, ...options })
    const bn1 = this.child('bn1', new nn.BatchNorm2d(inputs))
    const conv1 = this.child('conv1', convolution(inputs, {}))
    const bn2 = this.child('bn2', new nn.BatchNorm2d(outputs))
    this.#activation = this.child('prelu', activate(activation, outputs))
    const conv2 = this.child('conv2', convolution(outputs, { stride }))
    const bn3 = this.child('bn3', new nn.BatchNorm2d(outputs))
    this.#norms = [bn1, bn2, bn3]
    this.#convolutions = [conv1, conv2]
    this.#shortcut =
      stride === 1 && inputs === outputs
        ? null
        : this.child(
            'downsample',
            new nn.Sequential(
              new nn.Conv2d(inputs, outputs, 1, { stride, bias: false }),
              new nn.BatchNorm2d(outputs),
            ),
          )
  }

  override forward(x: Tensor): Tensor {
    const [bn1, bn2, bn3] = this.#norms as [nn.BatchNorm2d, nn.BatchNorm2d, nn.BatchNorm2d]
    const [conv1, conv2] = this.#convolutions as [nn.Conv2d, nn.Conv2d]
    const inner = bn2.followedBy({ activation: this.#activation }, conv1.call(bn1.call(x)))
    const residual = this.#shortcut ? this.#shortcut.call(x) : x
    return bn3.followedBy({ residual }, conv2.call(inner))
  }
}

/**
 * IResNet (ArcFace, section 3.1; arcface_torch's iresnet.py, whose state-dict names it has):
 * [N, 3, 112, 112] in -1..1 to [N, embeddingSize], not normalised. The head is BN, dropout, a linear
 * layer and BN whose scale stays 1.
 */
export class IResNet extends nn.Module {
  readonly #stem: nn.Conv2d
  readonly #norm: nn.BatchNorm2d
  readonly #activation: nn.Activation
  readonly #rest: nn.Module[]

  constructor(options: IResNetOptions) {
    super()
    const { layers, widths, stemStride, firstStride, activation, embeddingSize, dropout } = options
    let channels = widths[0]!
    let side = Math.ceil(SIDE / stemStride)
    const stem = { stride: stemStride, padding: 1, bias: false }
    this.#stem = this.child('conv1', new nn.Conv2d(3, channels, 3, stem))
    this.#norm = this.child('bn1', new nn.BatchNorm2d(channels))
    this.#activation = this.child('prelu', activate(activation, channels))
    this.#rest = []
    layers.forEach((count, stage) => {
      const width = widths[stage]!
      const stride = stage === 0 ? firstStride : 2
      const blocks = Array.from(
        { length: count },
        (_, i) => new IBlock(i === 0 ? channels : width, width, i === 0 ? stride : 1, activation),
      )
      this.#rest.push(this.child(`layer${stage + 1}`, new nn.Sequential(...blocks)))
      channels = width
      side = Math.ceil(side / stride)
    })
    const features = new nn.BatchNorm1d(embeddingSize)
    features.weight.requiresGrad = false
    this.#rest.push(
      this.child('bn2', new nn.BatchNorm2d(channels)),
      new nn.Flatten(),
      this.child('dropout', new nn.Dropout(dropout)),
      this.child('fc', new nn.Linear(channels * side * side, embeddingSize)),
      this.child('features', features),
    )
    for (const [, module] of this.namedModules())
      if (module instanceof nn.Conv2d) nn.init.normal(module.weight, 0, 0.1)
  }

  override forward(x: Tensor): Tensor {
    const stem = this.#norm.followedBy({ activation: this.#activation }, this.#stem.call(x))
    return this.#rest.reduce((value, module) => module.call(value), stem)
  }
}
