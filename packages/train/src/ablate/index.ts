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
