import type { ModelSource } from '@arcface/vision'
import { type NetworkOptions, ThreadNetwork } from '../network/network.js'

/** A model in memory. @param name what errors call it */
export const modelInMemory = (
  name: string,
  bytes: Uint8Array,
  options: NetworkOptions,
): ModelSource => ({
  name,
  bytes,
  load: (changed) => ThreadNetwork.open(name, options, changed ?? bytes),
})
