import { face } from '@arcface/testing'
import { openGallery } from '../gallery/gallery.js'
import { testModel } from './model.js'

// A process that writes to a gallery, to be killed or watched: gallery-writer.js PATH TAG COUNT BATCH DIM [KEYFILE]
// It enrols faces TAG-0 .. TAG-(COUNT-1), goes on after those that are there, and says after each
// commit how many are safe.
const [path, tag, ...rest] = process.argv.slice(2)
const [count = 0, batch = 1, dim = 1] = rest.map(Number)
const key = rest[3] === undefined ? undefined : { file: rest[3] }
const gallery = await openGallery(path!, { model: testModel(dim), key })
const there = await gallery.sources()
const names = Array.from({ length: count }, (_, i) => `${tag}-${i}`)
const todo = names.filter((name) => !there.has(name))
for (let i = 0; i < todo.length; i += batch) {
  const faces = todo.slice(i, i + batch).map((source) => ({
    person: `${tag} ${Number(source.split('-')[1]) % 50}`,
    embedding: face(dim, Number(source.split('-')[1])),
    source,
  }))
  await gallery.enroll(faces)
  process.stdout.write(`${faces.map(({ source }) => source).join(' ')}\n`)
}
await gallery.close()
