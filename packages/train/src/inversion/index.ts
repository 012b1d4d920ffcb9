// What a network gives away of the people whom it knows: faces drawn from class centres and templates, by an attacker who has
// its weights, and judged by another network. Images are RGB, 112 x 112, uint8; cosines and rates are fractions.

export type { Drawn, Stage } from './attack.js'
export {
  type Attack,
  auditInversion,
  type InversionAudit,
  type InversionOptions,
  type InversionSet,
} from './audit.js'
export { type InversionFigures, type InversionRow, inversionFigures } from './figures.js'
export { type InversionSettings, inversionDefaults } from './invert.js'
export type { Judge } from './judge.js'
export { jsonOf as inversionJson, writeInversion } from './write.js'
