import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { randomDetector, randomEmbedder } from './networks.js'
import { REPOSITORY } from './pages.js'

/** Real faces and models, where they are. */
export const shared = resolve(REPOSITORY, '../shared')
export const hasShared = existsSync(join(shared, 'faces/photos'))

/** Of ../shared: a photograph of a person, by number. */
export function sharedPhoto(person: number, i: number): string {
  const folder = join(shared, 'faces/photos')
  const own = join(folder, readdirSync(folder).sort()[person]!)
  return join(own, readdirSync(own).sort()[i]!)
}

/** Of ../shared. @returns keys of a server's configuration */
export const sharedModels = () => ({
  model: join(shared, 'models/MobileFaceNet.onnx'),
  detector: join(shared, 'models/yunet_s_640_640.onnx'),
  preprocessing: { range: 1, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
})

/**
 * Networks with random weights, which find something in every noisy picture, written to a folder.
 * @returns keys of a server's configuration
 */
export function drawnModels(folder: string) {
  const [model, detector] = [join(folder, 'embedder.onnx'), join(folder, 'detector.onnx')]
  writeFileSync(model, randomEmbedder())
  writeFileSync(detector, randomDetector())
  const thresholds = join(folder, 'thresholds.json')
  writeFileSync(thresholds, JSON.stringify(THRESHOLDS))
  return { model, detector, thresholds, quality: false }
}

/** Cosines that no model has measured: what counts is how they are used. */
export const THRESHOLDS = {
  source: 'these pairs',
  cosine: { '1e-1': 0.2, '1e-2': 0.3, '1e-3': 0.4 },
}
