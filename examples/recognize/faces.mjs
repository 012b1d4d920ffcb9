// The faces of a photograph, with boxes, quality and embeddings: node faces.mjs party.jpg
import { Recognizer } from '@arcface/recognize'

const [party] = process.argv.slice(2)
const signal = AbortSignal.timeout(60_000)

const recognizer = await Recognizer.open() // the default pack; or { model, detector }
const faces = await recognizer.embed(party, { signal })
for (const { box, points, score, quality, rejected, embedding } of faces)
  console.log(box, points.length, score, quality.eyes, rejected, embedding.length)
const more = await recognizer.detect(party, { minScore: 0.3, small: true }) // for this call: fainter, smaller faces too
await recognizer.close()

console.log(`${faces.length} faces, ${more.length} with fainter and smaller ones`)
