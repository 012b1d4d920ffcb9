// How likely it is that two photographs show one person: node probability.mjs ada.jpg grace.jpg
import { Recognizer } from '@arcface/recognize'
import { probabilityOf } from '@arcface/vision'

const [ada, grace] = process.argv.slice(2)
const recognizer = await Recognizer.open()

const { probability, prior, likelihoodRatio, atBound } = await recognizer.verify(ada, grace)
const atTheDoor = probabilityOf(recognizer.thresholds.calibration, 0.41, 0.99) // cosine, and a prior of one's own

console.log({ probability, prior, likelihoodRatio, atBound, atTheDoor })
await recognizer.close()
