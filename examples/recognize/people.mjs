// Whether two photographs show the same person, and who of a gallery is in a third: node people.mjs ada.jpg grace.jpg door.jpg
import { enrollPhoto, identifyPhoto, openGalleryOf } from '@arcface/gallery'
import { Recognizer } from '@arcface/recognize'

const [ada, grace, door] = process.argv.slice(2)
const recognizer = await Recognizer.open() // the default models; or { model: 'mine.onnx' }
const { same, similarity, threshold, far } = await recognizer.verify(ada, grace)
console.log({ same, similarity, threshold, far }) // same: the cosine is above the threshold at FAR 1e-3

const gallery = await openGalleryOf(recognizer, 'people') // a folder, made where none is
await enrollPhoto(gallery, recognizer, ada, { person: 'Ada' })
for (const { box, matches } of await identifyPhoto(gallery, recognizer, door))
  console.log(box, matches[0]?.name ?? 'a stranger') // 1 stranger in 100 is given a name: fpir
await gallery.close()
await recognizer.close()
