// The protocol of LFW on embeddings of any model, in any runtime: node verification.mjs
import { verification } from '@arcface/evaluate'

const dim = 2
const embeddings = Float32Array.of(1, 0, 0.8, 0.6, 0, 1, -0.6, 0.8) // rows: Ada twice, Grace twice
const a = Int32Array.of(0, 0, 2, 1) // pairs of rows, fold after fold
const b = Int32Array.of(1, 2, 3, 3)
const same = Uint8Array.of(1, 0, 1, 0)

const { accuracy, auc, tarAtFar } = verification({ embeddings, dim, a, b, same, folds: 2 })

console.log({ accuracy, auc, tarAtFar })
