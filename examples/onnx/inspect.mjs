// What an ONNX file takes and says of itself, without running it: node inspect.mjs face.onnx
import { readFileSync } from 'node:fs'
import { decodeModel, getMetadata, modelInputs } from '@arcface/onnx'

const [file] = process.argv.slice(2)
const bytes = readFileSync(file)

const model = decodeModel(bytes, 'face.onnx') // a Uint8Array and what errors call it
console.log(modelInputs(model), getMetadata(model))
