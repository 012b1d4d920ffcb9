import { readFileSync } from 'node:fs'

/** What goldens/make_goldens.py wrote for a network; its head says how. */
export interface NetworkGolden {
  embedding: number[][]
  step: {
    batch: number
    classes: number
    scale: number
    margin: number
    headHalf: number
    loss: number
    /** L2 norm, projection, four entries. */
    gradients: Record<string, [number, number, number, number, number, number]>
    /** Parameters whose true gradient is zero. */
    noise: string[]
    /** L2 norm and projection of the running statistics after one step. */
    buffers: Record<string, [number, number]>
  }
  curve: {
    batches: number
    lr: number
    momentum: number
    weightDecay: number
    clip: number
    losses: number[]
  }
}

/** One case of the ArcFace head, computed in float64; null where the gradient has no direction. */
export interface HeadCase {
  name: string
  scale: number
  margin: number
  embeddings: number[][]
  weight: number[][]
  labels: number[]
  loss: number
  logits: number[][]
  embeddingGradient: (number[] | null)[]
  weightGradient: (number[] | null)[]
}

export function golden<T>(name: string): T {
  return JSON.parse(
    readFileSync(new URL(`../../goldens/generated/${name}.json`, import.meta.url), 'utf8'),
  )
}
