import * as wasm from 'onnxruntime-web/wasm'
import { serveWorker } from './service.js'

// The worker in which everything runs: recognition by WebAssembly.

serveWorker({ wasm })
