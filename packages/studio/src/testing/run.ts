import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const CONFIG = `seed: 1
data: { roots: [faces] }
model: { backbone: r18-small, embedding: 128 }
loss: { name: arcface, scale: 32, margin: 0.5 }
optimizer: { lr: 0.1, schedule: cosine }
train: { epochs: 10, batchSize: 64 }
verify: { every: 500, patience: 0, sets: [{ name: celeba }] }
`

/** A line of `metrics.jsonl`, of a training that goes well. @param steps in all */
export function stepLine(step: number, steps: number): string {
  const part = step / steps
  const wave = Math.sin(step) * 0.05
  const line = {
    ...{ step, epoch: Math.floor(part * 10), loss: 20 * (1 - part) ** 2 + 1 + wave },
    ...{ lr: 0.1 * (1 + Math.cos(part * Math.PI)) * 0.5, marginShare: Math.min(1, part * 2) },
    ...{ gradNorm: 3 - part + wave, headGradNorm: 1 - part / 2 },
    ...{ targetAngle: 1.5 - part + wave, otherAngle: 1.2 + part * 0.2 },
    ...{ imagesPerSecond: 800 + 50 * wave, memory: 1.2e9 },
    seconds: { data: 0.01, forward: 0.03, head: 0.01, backward: 0.05, optimizer: 0.01 },
  }
  return `${JSON.stringify(line)}\n`
}

function verifyLine(step: number, steps: number): string {
  const part = step / steps
  const line = {
    ...{ step, set: 'celeba', accuracy: 0.7 + 0.25 * part, std: 0.01, auc: 0.8 + 0.19 * part },
    ...{ tarAtFar: { '1e-3': 0.5 + 0.3 * part }, thresholdAtFar: { '1e-3': 0.4 } },
  }
  return `${JSON.stringify(line)}\n`
}

/** The folder of a run as a training leaves it, without weights. @param points lines about steps, ten steps apart */
export function drawRun(folder: string, points: number, config = CONFIG): void {
  const steps = points * 10
  const state = join(folder, 'checkpoints', `step-${steps}`)
  mkdirSync(state, { recursive: true })
  writeFileSync(join(folder, 'config.yaml'), config)
  const lines: string[] = []
  for (let step = 10; step <= steps; step += 10) {
    lines.push(stepLine(step, steps))
    if (step % 500 === 0) lines.push(verifyLine(step, steps))
  }
  writeFileSync(join(folder, 'metrics.jsonl'), lines.join(''))
  const checkpoint = { step: steps, stepsPerEpoch: points, score: 0.95, best: 0.95, stale: 0 }
  writeFileSync(join(state, 'state.json'), JSON.stringify(checkpoint))
}

/** The folder of an ablation whose first loss is trained, and whose second has begun. */
export function drawAblation(folder: string): void {
  drawRun(join(folder, 'arcface-seed-1'), 50)
  drawRun(join(folder, 'softmax-seed-1'), 20, CONFIG.replace('name: arcface', 'name: softmax'))
  const spread = (mean: number) => ({ mean, std: null, seeds: 1 })
  const row = {
    ...{ label: 'ArcFace', loss: 'arcface', paper: [99.53, 95.56, 95.15] },
    ...{ accuracy: { celeba: spread(0.87) }, auc: { celeba: spread(0.94) } },
    angles: { 'W-EC': spread(0.3), 'W-Inter': spread(1.2) },
  }
  const table = { sets: ['celeba'], angleNames: ['W-EC', 'W-Inter'], rows: [row], trials: [] }
  writeFileSync(join(folder, 'results.json'), JSON.stringify(table))
}
