// Draws faces and embeds them with the model that lies beside this file; the same picture gives the same embedding.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { openFolders, synthesizeFaces } from '@arcface/data'
import { openEmbedder, readPhoto } from '@arcface/recognize'
import { cosine } from '@arcface/vision'

rmSync('drawn', { recursive: true, force: true })
await synthesizeFaces('drawn', { people: 2, imagesPerPerson: 2, seed: 1, workers: 1 })
const { samples, classes } = openFolders(['drawn'])
assert.deepEqual([samples.length, classes.length], [4, 2])

const embedder = await openEmbedder('model.onnx')
const embeddings = []
for (const { path } of samples) {
  const { width, height, pixels } = await readPhoto(path)
  assert.deepEqual([width, height], [112, 112])
  embeddings.push(await embedder.embed(pixels, 1))
}
const again = await embedder.embed((await readPhoto(samples[0].path)).pixels, 1)
await embedder.close()

for (const embedding of embeddings) {
  assert.equal(embedding.length, 4)
  assert.ok(Math.abs(cosine(embedding, embedding) - 1) < 1e-5)
}
assert.deepEqual(again, embeddings[0])
assert.notDeepEqual(embeddings[2], embeddings[0])
await assert.rejects(openEmbedder('no-such.onnx'), ({ code }) => typeof code === 'string')
console.log('done')
