import { nn, ops, type Tensor } from '@arcface/libtorch'

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
const activate = (activation: Activation, channels: number): nn.Module =>
  activation === 'prelu' ? new nn.PReLU(channels) : new nn.LeakyReLU(0.25)

/** BN, conv 3x3, BN, PReLU, conv 3x3 with stride, BN; plus the shortcut, projected where shapes differ. */
class IBlock extends nn.Module {
  readonly #residual: nn.Module[]
  readonly #shortcut: nn.Module | null

  constructor(inputs: number, outputs: number, stride: number, activation: Activation) {
    super()
    this.#residual = [
      this.child('bn1', new nn.BatchNorm2d(inputs)),
      this.child('conv1', new nn.Conv2d(inputs, outputs, 3, { padding: 1, bias: false })),
      this.child('bn2', new nn.BatchNorm2d(outputs)),
      this.child('prelu', activate(activation, outputs)),
      this.child('conv2', new nn.Conv2d(outputs, outputs, 3, { stride, padding: 1, bias: false })),
      this.child('bn3', new nn.BatchNorm2d(outputs)),
    ]
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
    const residual = this.#residual.reduce((value, module) => module.call(value), x)
    return ops.add(residual, this.#shortcut ? this.#shortcut.call(x) : x)
  }
}

/**
 * IResNet (ArcFace, section 3.1; arcface_torch's iresnet.py, whose state-dict names it has):
 * [N, 3, 112, 112] in -1..1 to [N, embeddingSize], not normalised. The head is BN, dropout, a linear
 * layer and BN whose scale stays 1.
 */
export class IResNet extends nn.Module {
  readonly #modules: nn.Module[]

  constructor(options: IResNetOptions) {
    super()
    const { layers, widths, stemStride, firstStride, activation, embeddingSize, dropout } = options
    let channels = widths[0]!
    let side = Math.ceil(SIDE / stemStride)
    this.#modules = [
      this.child(
        'conv1',
        new nn.Conv2d(3, channels, 3, { stride: stemStride, padding: 1, bias: false }),
      ),
      this.child('bn1', new nn.BatchNorm2d(channels)),
      this.child('prelu', activate(activation, channels)),
    ]
    layers.forEach((count, stage) => {
      const width = widths[stage]!
      const stride = stage === 0 ? firstStride : 2
      const blocks = Array.from(
        { length: count },
        (_, i) => new IBlock(i === 0 ? channels : width, width, i === 0 ? stride : 1, activation),
      )
      this.#modules.push(this.child(`layer${stage + 1}`, new nn.Sequential(...blocks)))
      channels = width
      side = Math.ceil(side / stride)
    })
    const features = new nn.BatchNorm1d(embeddingSize)
    features.weight.requiresGrad = false
    this.#modules.push(
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
    return this.#modules.reduce((value, module) => module.call(value), x)
  }
}
