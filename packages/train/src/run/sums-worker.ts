import { parentPort, workerData } from 'node:worker_threads'
import { sumsOf } from './sum.js'

parentPort!.postMessage(sumsOf(workerData as string))
