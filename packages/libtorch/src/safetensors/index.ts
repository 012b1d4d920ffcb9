// Tensors by name in files of safetensors: loaded onto the CPU, saved whole or not at all. Errors are `TorchError`s.
export type { SafetensorsHeader } from '@arcface/files'
export { loadSafetensors, readSafetensorsHeader } from './load.js'
export { saveSafetensors, saveSafetensorsAsync } from './save.js'
