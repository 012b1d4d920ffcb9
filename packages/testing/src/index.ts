// What tests of several rooms draw and build: embeddings at a cosine, ONNX models small enough to compute by hand,
// networks with random weights, pictures without a face; their arguments decide every byte; models that a server is tried
// with, and a pack for liveness; photographs as they are held before a camera. And the pages of the repository, with the
// code on them. Real pages in a real browser are in @arcface/testing/chromium.
export { face, noisy, similarity } from './embeddings.js'
export { livenessNetwork, livenessPack } from './liveness.js'
export { externalModel, keepBeside, type TinyModelOptions, tinyModel, tinyWeight } from './model.js'
export { randomDetector, randomEmbedder } from './networks.js'
export {
  type CodeBlock,
  codeBlocks,
  exampleFiles,
  examplePageFiles,
  type Page,
  pages,
  REPOSITORY,
} from './pages.js'
export { kindsOfPatterns, noise } from './patterns.js'
export {
  drawnModels,
  hasShared,
  shared,
  sharedModels,
  sharedPhoto,
  THRESHOLDS,
} from './served.js'
export { type HeldPose, view, withClosedEyes } from './view.js'
