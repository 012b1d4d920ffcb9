// A model that `arcface export` wrote, in each precision, as it is in a page: bytes, milliseconds a face of its embedder
// beside that of float32 (they take turns), and how far its embeddings are from Node's of the same file.
import { statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { decodeImage } from '@arcface/data'
import { exportModel, openEmbedder, photosIn } from '@arcface/recognize'
import { openChromium } from '@arcface/testing/chromium'
import { cosine } from '@arcface/vision'
import { duel } from '../harness.mjs'
import { embeddingOf, openAligned } from './aligned.mjs'
import { buildAligned, serve } from './site.mjs'

const PRECISIONS = ['fp32', 'fp16', 'int8']
const COUNT = 16

export async function exported({ files, model, imagenet, calibrate, faces, folder, rounds }) {
  const preprocessing = imagenet
    ? { range: 1, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
    : undefined
  for (const precision of PRECISIONS)
    await exportModel(model, join(folder, `${precision}.onnx`), {
      preprocessing,
      ...(precision !== 'fp32' && { precision, calibrate: [calibrate], minCosine: 0 }),
    })
  const names = photosIn(faces).slice(0, COUNT)
  const site = await serve(
    { ...files, 'aligned/': await buildAligned(), 'faces/': faces, 'exported/': folder },
    false,
  )
  const browser = await openChromium()
  try {
    const contestants = []
    for (const precision of PRECISIONS) {
      const page = await openAligned(browser, site, `exported/${precision}.onnx`)
      const rows = await page.evaluate((names) => bench.embed(names), names)
      contestants.push({
        embeddings: rows.map(([plain]) => embeddingOf(plain)),
        run: (steps) => page.evaluate((steps) => bench.run(steps), steps),
      })
    }
    for (const one of contestants) await one.run(2)
    const seconds = await duel(contestants, { rounds, steps: 2 })
    const results = []
    for (const [i, precision] of PRECISIONS.entries()) {
      const path = join(folder, `${precision}.onnx`)
      const node = await embedHere(
        path,
        names.map((name) => join(faces, name)),
      )
      const off = contestants[i].embeddings.map((one, k) => 1 - cosine(one, node[k]))
      results.push({
        chromium: browser.version(),
        model: basename(model),
        precision,
        bytes: statSync(path).size,
        ms_a_face: ((1000 * seconds[i]) / COUNT).toFixed(1),
        fp32_over_it: (seconds[0] / seconds[i]).toFixed(2),
        most_1_minus_cosine_to_node: Math.max(...off).toExponential(1),
        least_cosine_to_fp32: Math.min(
          ...contestants[i].embeddings.map((one, k) => cosine(one, contestants[0].embeddings[k])),
        ).toFixed(4),
      })
      console.log(results.at(-1))
    }
    return results
  } finally {
    await browser.close()
    await site.close()
  }
}

async function embedHere(path, images) {
  const embedder = await openEmbedder(path)
  try {
    const rows = []
    for (const image of images) rows.push(await embedder.features(await decodeImage(image), 1))
    return rows
  } finally {
    await embedder.close()
  }
}
