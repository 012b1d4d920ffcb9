export { face, noisy, similarity } from './embeddings.js'
export { type CodeBlock, codeBlocks, type Page, pages, REPOSITORY } from './markdown.js'
export { externalModel, keepBeside, type TinyModelOptions, tinyModel, tinyWeight } from './model.js'
export { kindsOfPatterns } from './patterns.js'
