export { face, noisy, similarity } from './embeddings.js'
export { externalModel, keepBeside, type TinyModelOptions, tinyModel, tinyWeight } from './model.js'
export { kindsOfPatterns } from './patterns.js'
