import * as webgpu from 'onnxruntime-web/webgpu'
import * as wasm from './network/wasm.js'
import { serveWorker } from './service.js'

// The worker of pages that ask for WebGPU: it has both builds of ONNX Runtime, and fetches the larger one's WebAssembly
// only where there is a graphics processor.

serveWorker({ wasm, webgpu })
