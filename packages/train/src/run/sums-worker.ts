import { parentPort, workerData } from 'node:worker_threads'
import { sumsOf } from './sums.js'

parentPort!.postMessage(sumsOf(workerData as string))
