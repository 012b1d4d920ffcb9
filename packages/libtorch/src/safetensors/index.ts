export type { SafetensorsHeader } from '@arcface/files'
export { loadSafetensors, readSafetensorsHeader } from './load.js'
export { saveSafetensors, saveSafetensorsAsync } from './save.js'
