/**
 * @arcface/evaluate/run: the protocols over folders, lists and models, checks of data, and reports in folders (Node).
 *
 * Models and products of matrices come in as functions (`EmbedFn`, `MatMul`, `PairsAbove`). Everything that takes long
 * tells how far it is (`WorkOptions`), may be ended by a signal, and gives its result as a plain object. Figures are as
 * those of `@arcface/evaluate`. Errors are `EvaluateError`s, and those of the rooms below.
 */
export { checkCalibrationFolders, checkCalibrationPairs } from './calibration.js'
export { readCardFigures } from './card.js'
export { type EmbedOptions, embedFiles } from './embed-files.js'
export type { EmbeddedPhoto, SkippedPhoto } from './faces.js'
export { type GoodImages, goodImages } from './good-images.js'
export { type AssignedGroups, assignGroups } from './groups/assign.js'
export type { PlanOptions } from './groups/columns.js'
export {
  evaluateGroups,
  type GroupsOptions,
  type GroupThreshold,
  type MeasuredGroups,
} from './groups/evaluate.js'
export { type GroupPlan, planAll, planListed, planLists } from './groups/plan.js'
export { type GroupTable, readGroupTable } from './groups/table.js'
export {
  evaluateIdentification,
  evaluateMegaface,
  firstEnrolled,
  type Identification,
  type IdentificationOptions,
} from './identification.js'
export { LEAKS, type Leak, type LeakKind } from './leaks/findings.js'
export { findLeaks, type LeaksFound } from './leaks/leaks.js'
export {
  type AuditedModel,
  auditMembership,
  type MembershipAudit,
  type MembershipOptions,
  type MembershipSets,
} from './membership.js'
export { type NearDuplicate, type NearOptions, nearDuplicates } from './near.js'
export {
  evaluatePad,
  type JudgedPresentation,
  type MeasuredPad,
  type PadAnswer,
  type PadScorer,
} from './pad/evaluate.js'
export { openPresentations, type PresentedFiles, type PresentedFolder } from './pad/folders.js'
export { listWarnings, openPeople, peopleOf } from './people.js'
export {
  evaluateQuality,
  type GradedPhoto,
  type MeasuredQuality,
  type QualityOptions,
} from './quality.js'
export {
  type Facts,
  factsOf,
  type Measured,
  type Provenance,
  sumOfWeights,
} from './reports/facts.js'
export { type GroupSources, reportGroups } from './reports/groups.js'
export { type IdentificationFolders, reportIdentification } from './reports/identification.js'
export { type PairRows, reportIntervals } from './reports/intervals.js'
export { type MembershipFolders, reportMembership } from './reports/membership.js'
export { type PadSources, reportPad } from './reports/pad.js'
export { reportQuality } from './reports/quality.js'
export { type MeasuredTemplates, reportTemplates } from './reports/templates.js'
export { reportVerification } from './reports/verification.js'
export type { ReportEvents } from './reports/write.js'
export { type ScoredSource, scoreAcross, scoreList } from './scores.js'
export { type SharedOptions, type SharedPerson, sharedPeople } from './shared.js'
export type { FarFromCentre } from './suspects/labels.js'
export { type Suspects, type SuspectsOptions, suspects } from './suspects/suspects.js'
export { type SuspectFiles, writeSuspects } from './suspects/write.js'
export {
  type EmbedTemplatesOptions,
  embedTemplates,
  readTemplateLists,
  type TemplateFiles,
  type TemplateLists,
} from './templates.js'
export {
  type AcrossOptions,
  samplePairs,
  type ThresholdsAcross,
  thresholdsAcross,
} from './thresholds.js'
export { evaluateVerification, evaluateVerificationBoth, pairSimilarities } from './verification.js'
export type { WorkOptions } from './work.js'
