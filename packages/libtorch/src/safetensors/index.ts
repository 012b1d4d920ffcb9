export { readSafetensorsHeader, type SafetensorsHeader } from './header.js'
export { loadSafetensors } from './load.js'
export { saveSafetensors, saveSafetensorsAsync } from './save.js'
