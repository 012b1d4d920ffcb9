export { type AblationEvents, ablate, type TrialResult } from './ablate.js'
export { type AblationPlan, loadAblation, type Trial } from './plan.js'
export {
  type AblationRow,
  type AblationTable,
  accuracyCells,
  angleCells,
  type Spread,
} from './table.js'
