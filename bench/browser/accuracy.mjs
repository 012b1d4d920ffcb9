// Accuracy on a list of pairs of aligned faces, embedded in a page by its own decoder and runtime, beside Node.
import { relative } from 'node:path'
import { openPairs } from '@arcface/data'
import { flipSum, joinRows, verification } from '@arcface/evaluate'
import { embedFiles } from '@arcface/evaluate/run'
import { openEmbedder, resolveModel } from '@arcface/recognize'
import { openChromium } from '@arcface/testing/chromium'
import { cosine, DEFAULT_PACK } from '@arcface/vision'
import { embeddingOf, openAligned } from './aligned.mjs'
import { buildAligned, serve } from './site.mjs'

const BATCH = 32

export async function accuracy({ files, faces, pairs: list }) {
  const pairs = openPairs(list, faces)
  const names = pairs.images.map((path) => relative(faces, path))
  const site = await serve({ ...files, 'aligned/': await buildAligned(), 'faces/': faces }, false)
  const browser = await openChromium()
  let there
  try {
    there = await embedAll(await openAligned(browser, site), names)
  } finally {
    await browser.close()
    await site.close()
  }
  const here = await embedHere(pairs.images)
  const differs = Math.max(...names.map((_, i) => 1 - cosine(rowOf(there, i), rowOf(here, i))))
  return ['plain', 'flip'].map((kind) => {
    const [page, node] = [there, here].map((found) => {
      const embeddings = kind === 'flip' ? flipSum(found) : found.plain
      return verification({ ...pairs, embeddings, dim: found.dim, names })
    })
    const row = {
      chromium: browser.version(),
      pairs: pairs.same.length,
      faces: names.length,
      embedding: kind,
      browser_percent: (100 * page.accuracy).toFixed(3),
      node_percent: (100 * node.accuracy).toFixed(3),
      points: (100 * (page.accuracy - node.accuracy)).toFixed(3),
      most_1_minus_cosine: differs.toExponential(1),
    }
    console.log(row)
    return row
  })
}

const rowOf = ({ plain, dim }, i) => plain.subarray(i * dim, (i + 1) * dim)

async function embedAll(page, names) {
  const rows = []
  for (let start = 0; start < names.length; start += BATCH) {
    const batch = names.slice(start, start + BATCH)
    rows.push(...(await page.evaluate((names) => bench.embed(names), batch)))
  }
  const [plain, mirrored] = [0, 1].map((k) => rows.map((row) => embeddingOf(row[k])))
  return { dim: plain[0].length, plain: joinRows(plain), mirrored: joinRows(mirrored) }
}

async function embedHere(images) {
  const { path, preprocessing } = await resolveModel(DEFAULT_PACK)
  const embedder = await openEmbedder(path, { packPreprocessing: preprocessing })
  try {
    return await embedFiles(images, (faces, n) => embedder.features(faces, n), true, {})
  } finally {
    await embedder.close()
  }
}
