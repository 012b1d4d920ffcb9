/**
 * @arcface/evaluate/run: the protocols over folders, lists and models (Node). Models come in as functions.
 */
export { type EmbedOptions, embedFiles } from './embed-files.js'
export { folderOf, peopleOf } from './people.js'
export { evaluateVerification, evaluateVerificationBoth, pairSimilarities } from './verification.js'
