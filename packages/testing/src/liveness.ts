import { join } from 'node:path'
import { shared } from './served.js'

/** MiniFASNet of ../shared: it tells living faces from pictures of faces. */
export const livenessNetwork = join(shared, 'models/antispoof_minifas.onnx')

export interface LivenessPackOptions {
  readonly name?: string
  /** Of the network. */
  readonly path?: string
  /** Of the box's longer side, by the names that the network has in the pack: several are as many networks. */
  readonly crops?: Readonly<Record<string, number>>
}

/**
 * A pack of one's own with that network, as it is written down.
 * @param points where its scores are cut, and what was measured there
 */
export const livenessPack = (
  points: readonly { readonly threshold: number; readonly measured: readonly object[] }[],
  { name = 'live', path = livenessNetwork, crops = { 'live.onnx': 1.5 } }: LivenessPackOptions = {},
) => ({
  name,
  title: 'MiniFASNet',
  licence: {
    name: 'Apache-2.0',
    url: 'https://github.com/facenox/face-antispoof-onnx',
    commercial: true,
  },
  downloads: Object.keys(crops).map((file) => ({
    format: 'onnx',
    sources: [{ kind: 'file', path }],
    files: [{ name: file }],
  })),
  liveness: {
    models: Object.entries(crops).map(([file, crop]) => ({
      ...{ file, crop, size: 128, input: { colorOrder: 'RGB', range: 1 } },
      outputs: { live: 0, of: 'logits' },
    })),
    points,
  },
})
