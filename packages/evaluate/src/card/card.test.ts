import { ARCFACE_ALIGNMENT, arcfaceMetadataSchema } from '@arcface/onnx'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { modelCard } from './card.js'
import type { CardFacts } from './facts.js'
import { plain } from './markdown.js'

const metadata = arcfaceMetadataSchema.parse({
  format: 1,
  input: { layout: 'NCHW', size: [112, 112] },
  alignment: ARCFACE_ALIGNMENT,
  dim: 512,
  loss: { name: 'arcface', scale: 32, margin: 0.5, easyMargin: false },
  backbone: 'r18-small',
  thresholds: { '1e-2': 0.25, '1e-3': 0.35 },
  impostors: { source: 'door cameras', pairs: 1_200_000, people: 90, smallestFar: 8.3e-5 },
})
const card: CardFacts = {
  name: 'doors',
  licence: { name: 'MIT', url: 'https://example.org/a (b)' },
  file: { name: 'doors.onnx', bytes: 4_884_269, sha256: 'a'.repeat(64) },
  metadata,
  data: [['People', '289']],
  training: [['Steps', '3,000 of 64 images']],
  results: [
    {
      ...{ set: 'own people', note: 'with flip', pairs: 6000, people: 100 },
      figures: [
        { figure: 'accuracy', value: 0.9642, low: 0.957, high: 0.971 },
        { figure: 'cosine threshold at FAR 1e-2', value: 0.2352 },
      ],
    },
  ],
}
const head = (text: string): Record<string, unknown> => parse(text.split('---\n')[1]!)
const headings = (text: string) => text.match(/^#+ .*$/gm)

describe('modelCard', () => {
  it('has the head that Hugging Face reads: licence, and figures as an index', () => {
    const [result] = card.results
    expect(head(modelCard(card))).toMatchObject({
      license: 'mit',
      library_name: 'onnx',
      'model-index': [
        {
          name: 'doors',
          results: [
            {
              dataset: { name: 'own people', type: 'own-people' },
              metrics: [
                { type: 'accuracy', value: result!.figures[0]!.value },
                { type: 'cosine_threshold_at_far_1e_2', value: 0.2352 },
              ],
            },
          ],
        },
      ],
    })
    const other = { name: 'Research only (ours)', url: 'https://example.org' }
    expect(head(modelCard({ ...card, licence: other }))).toMatchObject({
      license: 'other',
      license_name: 'research-only-ours-',
      license_link: other.url,
    })
  })

  it('has its headings, figures with intervals, thresholds with what bears them out', () => {
    const text = modelCard(card)
    expect(headings(text)).toEqual([
      '# doors',
      '## Model details',
      '## Uses',
      '## Bias, risks and limitations',
      '## How to get started',
      '## Training details',
      '### Training data',
      '### Training procedure',
      '## Evaluation',
      '### own people',
      '### Thresholds',
      '## Technical specifications',
      '## Citation',
    ])
    expect(text).toContain('| accuracy | 96.42 % (95.70 % to 97.10 %) |')
    expect(text).toContain('| 1e-3 | 0.3500 |')
    expect(text).toContain('1,200,000 pairs of 90 people (door cameras)')
    expect(text).toContain('a FAR of 8.3e-5 and no smaller one')
    expect(text).toContain('[MIT](<https://example.org/a%20(b)>)')
    expect(text).not.toContain('easyMargin')
  })

  it('says what nobody stated or measured', () => {
    const { thresholds: _, impostors: __, ...bare } = metadata
    const text = modelCard({
      ...card,
      licence: null,
      metadata: bare,
      data: [],
      training: [],
      results: [],
    })
    expect(text).toContain('| Licence | not stated |')
    expect(text).toContain('Not measured.')
    expect(text).toContain('On which pairs of strangers its thresholds hold was not measured.')
    expect(headings(text)).not.toContain('## Training details')
    expect(head(text)).not.toHaveProperty('model-index')
  })

  it('lets no name become markup: not of the head, of a table, of a link', () => {
    const evil = 'a|b\n---\nlicense: mit\n# <script> `x` [y](z) "q": *'
    fc.assert(
      fc.property(fc.oneof(fc.constant(evil), fc.string({ unit: 'grapheme' })), (name) => {
        const text = modelCard({
          ...card,
          name,
          licence: { name: `${name}x`, url: 'https://example.org' },
          data: [[name, name]],
          results: [{ ...card.results[0]!, set: name, note: name }],
        })
        expect(head(text)).toMatchObject({ license: 'other', 'model-index': [{ name }] })
        expect(headings(text)?.length).toBe(13)
        expect(text.slice(text.indexOf('\n---\n', 4))).not.toMatch(/(?<!\\)<script/)
      }),
    )
    expect(plain('a|b\n<c>')).toBe('a\\|b \\<c\\>')
  })
})
