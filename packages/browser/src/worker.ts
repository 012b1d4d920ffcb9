import * as build from 'onnxruntime-web/wasm'
import { serveWorker } from './service.js'

// The worker in which everything runs: recognition by WebAssembly.

serveWorker(build)
