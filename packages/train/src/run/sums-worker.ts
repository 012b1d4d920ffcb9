import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { digestOfSync } from '@arcface/files'

// A thread that adds up the weights in a folder: see sums.ts. It needs no libtorch.

const folder = workerData as string
parentPort!.postMessage(
  readdirSync(folder)
    .filter((name) => name.endsWith('.safetensors'))
    .map((name) => `${digestOfSync(join(folder, name), 'sha256')}  ${name}\n`)
    .join(''),
)
