import { html } from '@arcface/evaluate/report'
import { describe, expect, it } from 'vitest'
import { listLosses } from '../losses/registry.js'
import { colourOf, lossColours, lossStyles } from './colours.js'
import { parseLoss } from './named-loss.js'
import { families, listed } from './words.js'

describe('colours of losses', () => {
  it('are one of its own for every loss there is', () => {
    expect(Object.keys(lossColours).sort()).toEqual(listLosses().sort())
    expect(new Set(Object.values(lossColours)).size).toBe(listLosses().length)
  })

  it('are the same whatever else is drawn, and dashes tell settings of one loss apart', () => {
    const texts = ['cosface', 'arcface', '{name: arcface, margin: 0.3}']
    const [cosface, arcface, other] = lossStyles(texts.map(parseLoss))
    expect(lossStyles([parseLoss('arcface')])[0]).toEqual(arcface)
    expect(cosface!.color).not.toBe(arcface!.color)
    expect(other).toEqual({ color: arcface!.color, dash: expect.any(Array) })
    expect(arcface!.dash).toBeUndefined()
    expect(colourOf('somebody else')).toMatch(/^#/)
  })
})

describe('words', () => {
  const of = (...texts: string[]) => html`${families(texts.map(parseLoss))}`.toString()

  it('call special cases of the unified margin what is one, and nothing else', () => {
    expect(of('arcface', 'cosface')).toBe(
      '<p>ArcFace and CosFace are special cases of the unified margin (m₁, m₂, m₃), equation 4 of the paper.</p>',
    )
    const mixed = of('arcface', 'adaface', 'magface', 'circle')
    expect(mixed).toContain('<p>ArcFace is a special case of')
    expect(mixed).toContain('The following are not.')
    for (const name of ['AdaFace', 'MagFace', 'Circle']) expect(mixed).toContain(name)
    expect(of('adaface')).not.toContain('special case')
    // Every loss that is drawn has its word, Triplet is not drawn.
    for (const name of listLosses().filter((one) => one !== 'triplet'))
      expect(of(name)).not.toBe('')
  })

  it('list labels with commas without confusion', () => {
    expect(listed(['arcface', '{name: arcface, margin: 0.3}', 'cosface'].map(parseLoss))).toBe(
      'ArcFace; ArcFace, margin 0.3 and CosFace',
    )
  })
})
