// People of photographs: enrol, identify at a rate, verify 1:1: node photographs.mjs ada.jpg door.jpg
import { enrollPhoto, identifyPhoto, openGalleryOf, verifyPerson } from '@arcface/gallery'
import { Recognizer } from '@arcface/recognize'

const [ada, door] = process.argv.slice(2)
const recognizer = await Recognizer.open()

const gallery = await openGalleryOf(recognizer, 'people')
const person = { person: 'Ada', groups: ['staff'], metadata: { room: 7 } }
const { id, added } = await enrollPhoto(gallery, recognizer, ada, person, { thumbnails: true })
const faces = await identifyPhoto(gallery, recognizer, door, { filter: { groups: ['staff'] } })
const { same } = await verifyPerson(gallery, recognizer, door, 'Ada')

console.log({ id, added, names: faces.map(({ matches }) => matches[0]?.name ?? null), same })

const [face] = await identifyPhoto(gallery, recognizer, door, { fpir: 1e-3 }) // or far: of a comparison; or threshold: a cosine
const { matches, threshold, fpir, far, searched, source, warning } = face // searched: { people, faces }

console.log({ matches, threshold, fpir, far, searched, source, warning })

await gallery.close()
await recognizer.close()
