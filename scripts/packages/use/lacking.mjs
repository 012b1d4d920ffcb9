// Without a backend, and without a database's engine: each says in a code what is missing, and what brings it.
import assert from 'node:assert/strict'
import { openGallery } from '@arcface/gallery'
import { openEmbedder } from '@arcface/recognize'

await assert.rejects(openEmbedder('model.onnx'), ({ code, hint }) => {
  assert.equal(code, 'RECOGNIZE_BACKEND')
  assert.match(hint, /npm install onnxruntime-node/)
  return true
})
const model = { sha256: '0'.repeat(64), name: 'drawn', dim: 4, preprocessing: null }
await assert.rejects(openGallery('people', { model }), ({ code, hint }) => {
  assert.equal(code, 'GALLERY_ENGINE')
  assert.match(hint, /npm install @lancedb\/lancedb-/)
  return true
})
console.log('done')
