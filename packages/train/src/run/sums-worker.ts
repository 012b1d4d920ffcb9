import { parentPort, workerData } from 'node:worker_threads'
import { sumsOf } from './sha256.js'

parentPort!.postMessage(sumsOf(workerData as string))
