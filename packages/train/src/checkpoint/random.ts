import { getRandomState, type Tensor } from '@arcface/libtorch'

/** States of the generators that training on a device draws from, by device. */
export const randomStates = (device: string): Map<string, Tensor> =>
  new Map([...new Set(['cpu', device])].map((one) => [one, getRandomState(one)]))
