// Aligned faces to embeddings by what the worker of @arcface/browser is made of: its decoder, its models, its runtime.

import { Embedder, mirrorImages } from '@arcface/vision'
import * as build from 'onnxruntime-web/wasm'
import { loadModels } from '#browser/models/load.js'
import { absoluteModels } from '#browser/models/source.js'
import { Runtime } from '#browser/network/runtime.js'
import { photoReader } from '#browser/photo/reader.js'

const photos = photoReader()
let embedder
let faces = []

async function open(from) {
  const detector = new URL('/models/', from)
  const models = absoluteModels({ detector, embedder: from }, location.href)
  const { embedder: file, preprocessing } = await loadModels(models)
  const source = new Runtime(build, {}).source(file.name, file.bytes)
  embedder = await Embedder.open(source, { packPreprocessing: preprocessing })
  return {}
}

async function embed(files) {
  faces = await Promise.all(
    files.map((file) => photos.use({ kind: 'file', file }, {}, async ({ pixels }) => pixels)),
  )
  const rows = []
  for (const face of faces) {
    const plain = await embedder.features(face, 1)
    rows.push([plain, await embedder.features(mirrorImages(face), 1)])
  }
  return { rows: rows.map((pair) => pair.map(encoded)) }
}

async function run(steps) {
  const from = performance.now()
  for (let step = 0; step < steps; step++)
    for (const face of faces) await embedder.features(face, 1)
  return { seconds: (performance.now() - from) / 1000 }
}

const encoded = ({ buffer }) => btoa(String.fromCharCode(...new Uint8Array(buffer)))

addEventListener('message', async ({ data: { embedder, files, steps } }) => {
  try {
    postMessage(await (steps ? run(steps) : files ? embed(files) : open(embedder)))
  } catch (error) {
    postMessage({ error: String(error) })
  }
})
