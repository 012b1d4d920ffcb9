// Enrols embeddings of three people, finds one again after the gallery was closed and opened.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { exportGallery, openGallery } from '@arcface/gallery'

const model = { sha256: '0'.repeat(64), name: 'drawn', dim: 4, preprocessing: null }
const axis = (i) => Float32Array.from({ length: 4 }, (_, at) => Number(at === i))
const people = ['Ada', 'Grace', 'Katherine']

rmSync('people', { recursive: true, force: true })
const gallery = await openGallery('people', { model })
await gallery.enroll(people.map((person, i) => ({ person, embedding: axis(i) })))
await gallery.close()

const opened = await openGallery('people', { model })
assert.equal((await opened.stats()).faces, 3)
const { matches } = await opened.identify(axis(1), { threshold: 0.9 })
assert.deepEqual(
  matches.map(({ name }) => name),
  ['Grace'],
)
await opened.delete(['Grace'])
assert.deepEqual((await opened.identify(axis(1), { threshold: 0.9 })).matches, [])
await exportGallery(opened, 'people.jsonl')
await opened.close()
console.log('done')
