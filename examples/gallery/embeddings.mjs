// A gallery of embeddings, whoever made them, and what a server shows of it: node embeddings.mjs
import { openGallery } from '@arcface/gallery'

const model = { name: 'drawn', sha256: '0'.repeat(64), dim: 4, preprocessing: null } // galleryModel makes a recognizer's
const embedding = Float32Array.of(1, 0, 0, 0)
const other = Float32Array.of(0, 1, 0, 0)

const gallery = await openGallery('people', { model })
const [id] = await gallery.enroll([
  { person: 'Ada', embedding, groups: ['staff'] },
  { person: 'Grace', embedding: other, groups: ['staff'] },
])
const { matches } = await gallery.identify(embedding, { top: 3, threshold: 0.4 })

console.log(matches.map(({ name, similarity }) => ({ name, similarity })))

const page = await gallery.people({ groups: ['staff'], limit: 1 }) // by name: { name, groups, metadata, added, faces }
const next = await gallery.people({ groups: ['staff'], limit: 1, after: page.at(-1)?.name })
const faces = await gallery.faces('Ada', { limit: 20 }) // as they came: { id, person, source, photo, added }
const more = await gallery.faces('Ada', { limit: 20, after: faces.at(-1) })
const face = await gallery.face(id) // one of them; GALLERY_FACE where it is gone
const picture = await gallery.thumbnail(id) // its picture, or null
const count = await gallery.count({ groups: ['staff'] }) // { people, faces }

console.log({ page, next, faces, more, face, picture, count })
await gallery.close()
