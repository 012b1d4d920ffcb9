import { expect, it } from 'vitest'
import { TEMPLATE } from './align.js'
import { outsideOf } from './outside.js'

const photo = { width: 500, height: 400 }
/** The face whose aligned picture is the square from x, y on. */
const face = (x: number, y: number, side: number) =>
  TEMPLATE.map((point) => ({ x: x + (point.x * side) / 112, y: y + (point.y * side) / 112 }))

it('is the share of the square about a face that the border cuts', () => {
  expect(outsideOf(face(100, 100, 160), photo)).toBe(0)
  expect(outsideOf(face(-80, 100, 160), photo)).toBe(0.5)
  expect(outsideOf(face(420, 100, 160), photo)).toBe(0.5)
  expect(outsideOf(face(-80, 320, 160), photo)).toBe(0.75)
  expect(outsideOf(face(600, 100, 160), photo)).toBe(1)
  expect(outsideOf(face(100, -20, 160), photo)).toBeCloseTo(1 / 8, 9)
})
