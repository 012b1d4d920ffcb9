import { degrees, radians } from '@arcface/evaluate'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { parseLoss } from '../named-loss.js'
import { LogitProbe } from '../probe.js'
import { type BinaryBoundary, binaryBoundaries } from './boundaries.js'
import { boundariesPage } from './page.js'

const texts = ['norm-softmax', 'sphereface', 'cosface', 'arcface', 'cm1', 'cm2']
const found = new Map(
  binaryBoundaries(texts.map(parseLoss)).map((one) => [one.loss.name, one] as const),
)
const of = (name: string): BinaryBoundary => found.get(name)!

/** The other angle as the paper's formula gives it, from cos(other) = target logit of own. */
const formulas: [string, (theta: number) => number][] = [
  ['norm-softmax', (t) => t],
  ['sphereface', (t) => 1.35 * t],
  ['cosface', (t) => Math.acos(Math.cos(t) - 0.35)],
  ['arcface', (t) => t + 0.5],
  ['cm1', (t) => Math.acos(Math.cos(t + 0.3) - 0.2)],
  ['cm2', (t) => Math.acos(Math.cos(0.9 * t + 0.4) - 0.15)],
]

describe('binary decision boundaries', () => {
  it.each(formulas)('%s is its formula, and has none where that leaves the sphere', (name, f) => {
    const { own, other } = of(name)
    own.forEach((theta, i) => {
      const expected = f(theta)
      // Near 180 degrees the cosine is flat, and its digits are those of the angle squared.
      if (expected < Math.PI - 0.01) expect(Math.abs(other[i]! - expected)).toBeLessThan(1e-7)
      if (!(expected <= Math.PI)) expect(other[i]).toBeNaN()
    })
  })

  it.each(texts)('%s has equal logits on the boundary', (name) => {
    const { own, other, loss, label } = of(name)
    const known = Array.from(other.keys()).filter((i) => !Number.isNaN(other[i]!))
    const probe = new LogitProbe({ loss, label }, known.length)
    const logits = probe.at(
      known.map((i) => own[i]!),
      known.map((i) => other[i]!),
    )
    probe.dispose()
    expect(known.length).toBeGreaterThan(200)
    known.forEach((_, i) => {
      expect(Math.abs(logits.own[i]! - logits.other[i]!)).toBeLessThan(1e-9)
    })
  })

  it('leaves a gap on the circle: none, a constant arc, a share, or one that hangs on the centres', () => {
    const { between } = of('arcface')
    between.forEach((angle, i) => {
      expect(Math.abs(of('norm-softmax').gap[i]!)).toBeLessThan(1e-7)
      expect(of('arcface').gap[i]).toBeCloseTo(Math.min(0.5, angle), 7)
      expect(of('sphereface').gap[i]).toBeCloseTo(angle * (1 - 2 / 2.35), 7)
    })
    const at90 = between.findIndex((angle) => angle >= radians(90))
    const near = between.findIndex((angle) => angle >= radians(60))
    const cosGap = of('cosface').gap
    expect(cosGap[near]! - cosGap[at90]!).toBeGreaterThan(radians(5))
  })

  it('colours the circle: each centre its own, a neutral band of ArcFace as wide as its margin', () => {
    const { circle } = of('arcface')
    expect([circle[180 - 45], circle[180 + 45], circle[180]]).toEqual([1, 2, 0])
    const between = circle.slice(180 - 45, 180 + 45)
    const neutral = between.filter((holder) => holder === 0).length
    expect(Math.abs(neutral - degrees(0.5))).toBeLessThanOrEqual(1)
    expect(of('norm-softmax').circle.filter((holder) => holder === 0)).toHaveLength(0)
  })
})

describe('the page', () => {
  it('draws plane, circle and gap; the drawings are well-formed and the page stands alone', async () => {
    const { html, pictures } = boundariesPage([of('cosface'), of('arcface')])
    expect(pictures.map(({ name }) => name)).toEqual([
      'boundaries',
      'boundaries-circle',
      'boundaries-gap',
    ])
    for (const svg of pictures.map((one) => one.svg.toString())) {
      expect(html).toContain(svg)
      expect(await sharp(Buffer.from(svg)).metadata()).toMatchObject({ format: 'svg' })
    }
    expect(html).not.toMatch(/<script|<link|<img|src=/)
    expect(html).toContain('28.6°')
    expect(html).toContain('under all of these')
    expect(html).not.toContain('SphereFace')
    const [circle] = binaryBoundaries([parseLoss('circle')])
    expect(boundariesPage([circle!]).html).not.toMatch(/under all of these|ArcFace's/)
  })
})
