// Protocols and statistics on plain embeddings.
//
// In: embeddings as Float32Array, row-major N x dim, and pairs of rows with their labels in folds.
// Attacks (`pad/`), quality and membership take scores and the people that they are of instead of embeddings.
// Out: figures, all of them fractions (0.959, not 95.9), similarities as cosines in pair order.
// Nothing given is changed or kept; what is returned belongs to the caller. No tensor library and no
// engine: the large products of an identification are functions passed in.
//
// The margins of the losses (`margin/`) are formulas of angles, in radians: what `arcface geometry` and the studio's
// page draw. Training has its own on tensors; a test of train holds the two together.
//
// Image files and models are what `@arcface/evaluate/run` is for. Charts and reports are under
// `@arcface/evaluate/report`: they load a plotting library, which takes longer to start than most
// commands run.

export {
  type BootstrapOptions,
  bootstrap,
  drawPeople,
  type Interval,
} from './bootstrap/bootstrap.js'
export {
  type PairIntervalOptions,
  type PairIntervals,
  pairIntervals,
} from './bootstrap/intervals.js'
export { type CountedRate, rateLimits } from './bootstrap/rate-limits.js'
export { type PairSample, pairSample, type WeighedSample } from './bootstrap/sample.js'
export { calibrationAcross } from './calibration/across.js'
export {
  type CalibrateOptions,
  type CalibrationResult,
  calibrate,
} from './calibration/calibrate.js'
export { type CalibrationFigures, measureCalibration } from './calibration/figures.js'
export type { ReliabilityBin } from './calibration/reliability.js'
export type { CalibrationSample } from './calibration/scores.js'
export { modelCard } from './card/card.js'
export type { CardFacts, CardResult } from './card/facts.js'
export { type EmbedFn, flipSum, type ImageEmbeddings } from './embeddings/embed.js'
export { joinRows, normalizeRows, type Rows } from './embeddings/rows.js'
export { EvaluateError, type EvaluateErrorCode, evaluateErrors } from './errors.js'
export { decideAll, decideListed, thresholdOfAll } from './groups/decide.js'
export {
  type Grouping,
  type GroupOptions,
  type MeasuredColumn,
  measureColumn,
  measureOverall,
} from './groups/groups.js'
export type { DecidedPairs, RowPairs } from './groups/pairs.js'
export {
  type Differential,
  type GroupColumn,
  type GroupFigures,
  type GroupRate,
  type GroupsResult,
  groupsResultSchema,
} from './groups/schema.js'
export { ratioWords, verdictWords } from './groups/words.js'
export { cmc, mateRanks } from './identification/figures.js'
export { cmcIntervals, openSetIntervals } from './identification/intervals.js'
export type { MateList } from './identification/mates.js'
export { type MegafaceInput, type MegafaceResult, megaface } from './identification/megaface.js'
export {
  insightfaceTpir,
  type OpenSetPoint,
  openSetSearches,
  tpirAtFpir,
} from './identification/open-set.js'
export { bestPairs, type SearchPairs, searchScores, tailForFar } from './identification/pairs.js'
export { type SearchInput, type SearchResult, search } from './identification/search.js'
export { degrees, radians, spaced } from './margin/angles.js'
export {
  type Advantage,
  boundaryAngles,
  boundaryGaps,
  boundaryHolders,
  marginAdvantage,
} from './margin/boundary.js'
export { type MarginGradient, type Margins, namedMargins } from './margin/margins.js'
export { type SampleLoss, type SampleOptions, sampleLoss } from './margin/sample.js'
export { targetLogit, targetSlope, turningAngle } from './margin/target.js'
export {
  type IdentificationResult,
  type MeasuredSearch,
  measureSearch,
  type SearchMeasures,
} from './measures/search.js'
export {
  type MeasuredTemplatePairs,
  type MeasuredTemplateSearch,
  measureTemplatePairs,
  measureTemplateSearch,
  type Subjects,
  type TemplateFigures,
} from './measures/templates.js'
export {
  MEMBERSHIP_FPRS,
  type MembershipFigures,
  type MembershipQuestion,
  type MembershipRow,
  type MembershipSignal,
  membership,
  type ScoredPhotos,
} from './membership/membership.js'
export {
  type ClassSignals,
  classSignals,
  genuineCosines,
  type HeadScores,
} from './membership/signals.js'
export { membershipWords } from './membership/words.js'
export { measurePad, type PadOptions } from './pad/measure.js'
export type {
  AtApcer,
  AtBpcer,
  AtOwn,
  DetectorFigures,
  PadDetector,
  PadRate,
  PadResult,
  Presentation,
  PresentedKind,
} from './pad/result.js'
export {
  AREA_TO,
  type DiscardCurve,
  type DiscardOptions,
  type DiscardResult,
  discard,
  REFUSED,
} from './quality/discard.js'
export { farGrid, type PairFigures, pairFigures } from './roc/figures.js'
export { type Histogram, scoreBins } from './roc/histogram.js'
export {
  areaUnderRoc,
  type OperatingPoint,
  type Reading,
  type RocPoint,
  rocCurve,
  tarAtFar,
} from './roc/roc.js'
export { checkRate, type ScoreArray, type Scores, scoresOf, sortScores } from './roc/scores.js'
export { expectedCost, type Prices } from './scored/cost.js'
export { ErrorCurve } from './scored/curve.js'
export { type RatesDifference, ratesDifference } from './scored/difference.js'
export { type DrawnRate, ratesAt, type ThresholdRates } from './scored/rates.js'
export {
  errorCurveOf,
  impostorsOfSet,
  intervalsFault,
  ratesOfSamples,
  type ScoredSamples,
  samplesOf,
} from './scored/samples.js'
export { parseScoredSet, type ScoredSet } from './scored/schema.js'
export {
  type Finding,
  type PlacedImage,
  SUSPECT_KINDS,
  type SuspectPoints,
  type SuspectsFile,
} from './suspects/format.js'
export { type PairScoresOptions, pairScores } from './templates/pairs.js'
export {
  poolTemplates,
  type TemplateInput,
  type Templates,
  templateRows,
} from './templates/pool.js'
export { impostorsAcross, type PairsAbove } from './threshold/across.js'
export { type Doubt, type DoubtfulLabels, doubtfulLabels } from './threshold/doubtful.js'
export { type ImpostorScores, impostorsOf, measureThresholds } from './threshold/impostors.js'
export { type ThresholdResult, thresholdForFar } from './threshold/threshold.js'
export { type LabelledPairs, pairWarnings } from './verification/contradictions.js'
export type { VerificationInput } from './verification/distances.js'
export { type FoldedAccuracy, foldedAccuracy, foldStarts } from './verification/folds.js'
export { identitiesFromPairs, numberNames } from './verification/identities.js'
export type { FoldedTar } from './verification/tar.js'
export { type VerificationResult, verification } from './verification/verification.js'
export { type WorstPair, worstPairs } from './verification/worst.js'
export { rateWords, shortName } from './words.js'
