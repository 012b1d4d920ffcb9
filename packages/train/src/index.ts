/**
 * Margins, heads, backbones, trainer, checkpoints, ONNX export; what a trained network gives away of whom it was trained on.
 *
 * In: a configuration (YAML) that names folders of aligned faces, uint8 RGB 112 x 112, a folder a person.
 * Out: a run folder with checkpoints, metrics and a report; networks; ONNX files. Embeddings are raw network
 * outputs, N x D float32; who compares them normalises. Angles and margins are in radians, learning rates per
 * step, accuracies fractions. Networks own their weights until `dispose()`. Errors are `TrainError` with a `code`;
 * those of the rooms below pass through.
 */
export * from './ablate/index.js'
export { type BackboneOptions, createBackbone, listBackbones } from './backbones/index.js'
export { type CleanOptions, type CleanResult, cleanRun } from './clean/clean.js'
export { type ConfigDescription, describeConfig, type JsonSchema } from './config/describe.js'
export { checkConfig, formatConfig, loadConfig } from './config/load.js'
export { type Config, type ConfigInput, configSchema } from './config/schema.js'
export { Team } from './distributed/team.js'
export { TrainError, type TrainErrorCode, trainErrors } from './errors.js'
export * from './export/index.js'
export * from './geometry/index.js'
export { BlockedHead, type BlockedOptions } from './head/blocked-head.js'
export { ImportedNetwork, importOnnx } from './import/index.js'
export * from './inversion/index.js'
export * from './losses/index.js'
export { type AuditedRun, openAuditedRun, trainedOn } from './membership/open.js'
export { type Grafiqs, openGrafiqs } from './quality/open.js'
export { findCheckpoint, weightsFile } from './run/checkpoint.js'
export { readRun, runPaths } from './run/folder.js'
export { type LoadedRun, loadRun, openRunEmbedder } from './run/load.js'
export {
  type Phase,
  readMetrics,
  type Seconds,
  type StepMetrics,
  type VerifyMetrics,
} from './run/metrics.js'
export { type OpenedNetwork, openNetwork } from './run/network.js'
export { buildTraining } from './step/build.js'
export { StepClock } from './step/clock.js'
export { launchStep, trainStep } from './step/step.js'
export type { Training } from './step/training.js'
export type { TrainEvents, TrainPlan, TrainResult } from './trainer/events.js'
export { resume, train } from './trainer/trainer.js'
export type { Beginning } from './weights/begin.js'
