// ONNX Runtime's build without WebGPU, to be imported behind one with it: its threads run the worker's script too, and there
// answers the build that was loaded last.
export * from 'onnxruntime-web/wasm'
