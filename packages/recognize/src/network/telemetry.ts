// ONNX Runtime's own binaries report their use to Microsoft and leave files in the home and the temporary folder, unless
// this is set when the process makes its first session; a thread cannot set it, so whoever starts one imports this.
process.env.ORT_DISABLE_TELEMETRY ??= '1'
