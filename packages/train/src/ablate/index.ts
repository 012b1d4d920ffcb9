// One configuration trained with several losses, each once a seed: what every training reached, and all in one table
// and report.
export { type AblationEvents, ablate } from './ablate.js'
export { type AblationPlan, loadAblation, type Trial } from './plan.js'
export type { TrialResult } from './result.js'
export {
  type AblationRow,
  type AblationTable,
  accuracyCells,
  angleCells,
  type Spread,
} from './table.js'
