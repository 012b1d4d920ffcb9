// A secret rotation of templates; cosines stay: node rotation.mjs
import { randomBytes } from 'node:crypto'
import { cosine, Rotation } from '@arcface/vision'

const [one, other] = [0, 1].map((seed) => {
  const values = Float32Array.from({ length: 512 }, (_, i) => Math.sin((seed + 1) * i))
  const length = Math.hypot(...values)
  return values.map((value) => value / length)
})
const key = randomBytes(32)
const rotation = await Rotation.of(key, 512, 'staff') // rotation.id tells it from others, and nothing of the key
const template = rotation.turn(one) // cosines among templates are those among embeddings, to 1e-7
console.log(Math.abs(cosine(template, rotation.turn(other)) - cosine(one, other)) < 1e-7)
