import { radians, spaced } from '@arcface/evaluate'
import { liveTensors } from '@arcface/libtorch'
import { describe, expect, it } from 'vitest'
import { parseLoss } from '../named-loss.js'
import { targetCurves } from './curves.js'
import { curvesPage } from './page.js'

/** The formulas as the paper writes them, where theta m1 + m2 is below pi. */
const formulas: [string, (theta: number) => number][] = [
  ['softmax', (t) => Math.cos(t)],
  ['norm-softmax', (t) => Math.cos(t)],
  ['sphereface', (t) => Math.cos(1.35 * t)],
  ['cosface', (t) => Math.cos(t) - 0.35],
  ['arcface', (t) => Math.cos(t + 0.5)],
  ['cm1', (t) => Math.cos(t + 0.3) - 0.2],
  ['cm2', (t) => Math.cos(0.9 * t + 0.4) - 0.15],
  ['{name: arcface, margin: 0.2, scale: 3}', (t) => Math.cos(t + 0.2)],
]

describe('target curves', () => {
  it.each(formulas)('%s is its formula from 20 to 100 degrees', (text, formula) => {
    const [curve] = targetCurves([parseLoss(text)])
    expect(curve!.angles[0]).toBeCloseTo(radians(20), 12)
    expect(curve!.angles.at(-1)).toBeCloseTo(radians(100), 12)
    curve!.angles.forEach((theta, i) => {
      expect(Math.abs(curve!.logits[i]! - formula(theta))).toBeLessThan(1e-12)
    })
  })

  it('goes on falling where theta + m passes 180 degrees', () => {
    const [curve] = targetCurves([parseLoss('arcface')], spaced(radians(140), radians(180), 81))
    curve!.logits.slice(1).forEach((logit, i) => {
      expect(logit).toBeLessThan(curve!.logits[i]!)
    })
  })

  it('refuses what has no logits or is unknown, and keeps no tensor', () => {
    const before = liveTensors()
    expect(() => targetCurves([parseLoss('triplet')])).toThrow(/Triplet compares samples/)
    expect(() => targetCurves([parseLoss('arcfce')])).toThrow(/did you mean arcface/)
    expect(() => parseLoss('[1, 2]')).toThrow(expect.objectContaining({ code: 'TRAIN_LOSS' }))
    targetCurves([parseLoss('cm2')])
    expect(liveTensors()).toBe(before)
  })
})

describe('the page', () => {
  it('draws a curve a loss, joins those that are one, and stands alone', () => {
    const { html, pictures } = curvesPage(
      targetCurves(['softmax', 'norm-softmax', 'arcface'].map(parseLoss)),
    )
    expect(pictures.map(({ name }) => name)).toEqual(['curves'])
    const svg = pictures[0]!.svg.toString()
    expect(svg).toContain('Softmax = Norm-Softmax')
    expect(html).toContain(svg)
    expect(html).not.toMatch(/<script|<link|<img|src=/)
    expect(curvesPage(targetCurves([parseLoss('{name: arcface, margin: 0.3}')])).html).toContain(
      '<i>m</i> = 0.3',
    )
    // Only of what is drawn is something said.
    expect(html).not.toMatch(/CosFace|SphereFace|CM1/)
    expect(html).toContain('0.5 radians, 28.6°')
    const others = curvesPage(targetCurves(['adaface', 'circle'].map(parseLoss))).html
    expect(others).not.toMatch(/special case|ArcFace's|<math/)
    // cos(60 degrees), and cos(60 degrees + 0.5).
    expect(html).toContain('<td class="number">0.500</td>')
    expect(html).toContain(`<td class="number">${Math.cos(Math.PI / 3 + 0.5).toFixed(3)}</td>`)
  })
})
