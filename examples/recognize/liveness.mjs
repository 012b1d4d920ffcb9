// Whether the largest face of a photograph looks living, or like a picture of one: node liveness.mjs door.jpg
import { Recognizer } from '@arcface/recognize'

const recognizer = await Recognizer.open()
const [face] = await recognizer.liveness(process.argv[2], { faces: 'largest' }) // also `liveness: true` of detect, embed, verify, identifyPhoto
const { live, score, threshold, stands, unsure } = face.liveness
console.log({ live, score, threshold, stands, unsure })
await recognizer.close()
