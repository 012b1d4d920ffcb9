import { ThreadNetwork } from '../network/network.js'
import { int8Model, multipliesExactly } from '../products/int8.js'

/** Whether ONNX Runtime multiplies bytes here without error: `multipliesExactly`. */
export function hasExactInt8(): Promise<boolean> {
  exact ??= askThread()
  return exact
}
let exact: Promise<boolean> | undefined

async function askThread(): Promise<boolean> {
  const network = await ThreadNetwork.open('a product of bytes', { threads: 1 }, int8Model())
  try {
    return await multipliesExactly(network)
  } finally {
    await network.close()
  }
}
