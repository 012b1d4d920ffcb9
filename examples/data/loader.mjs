// Draws people who do not exist, and reads them in batches as a training does: node loader.mjs drawn
import { Loader, openFolders, synthesizeFaces } from '@arcface/data'

const [folder] = process.argv.slice(2)

await synthesizeFaces(folder, { people: 6, imagesPerPerson: 6, seed: 1 }) // aligned, 112 x 112
const { classes, samples } = openFolders([folder]) // a folder a person

const loader = new Loader({ samples, batchSize: 12, seed: 1, augment: { flip: true } })
for await (const { images, labels } of loader.epoch(0)) // uint8 RGB, 12 x 112 x 112 x 3
  console.log(images.length, classes[labels[0]])
await loader.close()
