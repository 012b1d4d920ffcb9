import { type Handle, native } from './native.js'
import { Tensor } from './tensor.js'

/** A stream of random numbers of its own, for operators that take a generator. */
export class Generator {
  readonly handle: Handle
  constructor(seed: number | bigint) {
    this.handle = native.createGenerator(seed)
  }
}

/** Seeds libtorch's default generators on all devices. */
export const manualSeed = (seed: number | bigint): void => native.manualSeed(seed)

/** A generator of its own, or a device (`cpu`, `cuda:1`), whose default one is meant. */
type Source = Generator | string

const sourceOf = (source: Source | undefined): Handle | string | undefined =>
  source instanceof Generator ? source.handle : source

/** The state of a generator, of the CPU's default one when left out: a uint8 tensor. */
export const getRandomState = (source?: Source): Tensor =>
  new Tensor(native.randomState(sourceOf(source)))

/** Puts a generator back to a state that `getRandomState` gave. */
export const setRandomState = (state: Tensor, source?: Source): void =>
  native.setRandomState(state.handle, sourceOf(source))
