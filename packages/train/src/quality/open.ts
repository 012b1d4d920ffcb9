import { availableParallelism } from 'node:os'
import { decodeImage } from '@arcface/data'
import { setNumThreads } from '@arcface/libtorch'
import { toInput } from '../network/embed.js'
import { loadRun } from '../run/load.js'
import { blockOf, gradientMagnitudes } from './grafiqs.js'

/** Images of a step. */
const BATCH = 16

export interface Grafiqs {
  /** Of aligned faces in files the magnitude, negated: the higher, the better. */
  measure(files: readonly string[]): Promise<Float64Array>
  close(): void
}

/**
 * GraFIQs by the network of a run.
 * @param options.block by its name in the state dict; default: the third stage
 * @throws TrainError TRAIN_BACKBONE, and as `loadRun`
 */
export function openGrafiqs(run: string, options: { block?: string | undefined } = {}): Grafiqs {
  const { backbone, config } = loadRun(run)
  const block = blockOf(backbone, options.block)
  setNumThreads(config.train.threads || availableParallelism())
  return {
    async measure(files) {
      const found = new Float64Array(files.length)
      for (let start = 0; start < files.length; start += BATCH) {
        const images = await Promise.all(
          files.slice(start, start + BATCH).map((file) => decodeImage(file)),
        )
        const input = toInput(Buffer.concat(images), images.length, config.train)
        const magnitudes = gradientMagnitudes(backbone, input, block)
        input.dispose()
        found.set(
          magnitudes.map((one) => -one),
          start,
        )
      }
      return found
    },
    close: () => backbone.dispose(),
  }
}
