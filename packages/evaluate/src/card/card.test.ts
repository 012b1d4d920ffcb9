import { ARCFACE_ALIGNMENT, arcfaceMetadataSchema } from '@arcface/onnx'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { GroupsResult } from '../groups/schema.js'
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
  groups: [],
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
const rate = (value: number, errors: number) => ({
  ...{ value, low: value / 2, high: value * 2, trials: 1000, errors, people: 40, affected: errors },
})
const groups: GroupsResult = {
  threshold: { cosine: 0.35, far: 1e-3, from: 'model', source: 'x' },
  ...{ pairs: 'all', people: 80, images: 900, fmr: rate(0.001, 1), fnmr: rate(0.02, 20) },
  ...{ level: 0.95, replicates: 1000 },
  columns: [
    {
      columns: ['a|b'],
      groups: [
        { name: 'one', people: 40, images: 450, skipped: 0, fmr: rate(0.002, 2), fnmr: null },
        { name: 'two', people: 40, images: 450, skipped: 0, fmr: rate(0.001, 1), fnmr: null },
      ],
      ...{ across: [], fmrWithin: null, fmrAcross: null, fnmr: null, fdr: null, garbe: null },
      fmr: {
        ...{ groups: 2, largest: 'one', smallest: 'two', maxToMin: 2, low: 0.5, high: 8 },
        ...{ shown: null, maxToGeometricMean: 1.41, gini: 0.333 },
      },
      ...{ without: { people: 0, images: 0 }, mixed: 0, leftOut: [] },
    },
  ],
}
const head = (text: string): Record<string, unknown> => parse(text.split('---\n')[1]!)
const headings = (text: string) => text.match(/^#+ .*$/gm)

describe('modelCard', () => {
  it('says whose figures are, and has those of another file in no index', () => {
    const model = { name: 'other.onnx', sha256: 'b'.repeat(64) }
    const of = (more: Partial<CardFacts>) =>
      modelCard({
        ...card,
        results: card.results.map((one) => ({ ...one, model })),
        groups: [{ ...groups, model }],
        ...more,
      })
    const others = of({})
    expect(
      others.match(/model other\.onnx \(SHA-256 of its weights b+\), another file/g),
    ).toHaveLength(2)
    expect(head(others)).not.toHaveProperty('model-index')
    const base = { name: 'other', sha256: model.sha256 }
    // What it was fine-tuned from, or is the int8 of, is another model; what was only written anew is not.
    expect(head(of({ metadata: { ...metadata, base } }))).not.toHaveProperty('model-index')
    const loss = { name: 'unknown' }
    for (const own of [
      of({ weights: [model.sha256] }),
      of({ file: { ...card.file, sha256: model.sha256 } }),
      of({ metadata: { ...metadata, base, loss } }),
    ]) {
      expect(own).not.toContain('another file')
      expect(head(own)).toHaveProperty('model-index')
    }
  })

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
                {
                  type: 'accuracy',
                  name: 'accuracy (with flip)',
                  value: result!.figures[0]!.value,
                },
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

  it('shows groups, what it was begun from, its probabilities and what bytes cost it, where there are such', () => {
    const base = { name: 'fr_feature.onnx', sha256: 'b'.repeat(64) }
    const measured = { source: 'doors', people: 90, images: 900, genuine: 4000, impostors: 9000 }
    const text = modelCard({
      ...card,
      groups: [groups],
      metadata: {
        ...metadata,
        base,
        calibration: {
          ...{
            method: 'logistic',
            prior: 0.5,
            points: [
              [0, -5],
              [1, 5],
            ],
          },
          measured: { ...measured, cllr: 0.12, minCllr: 0.1 },
        },
        precision: {
          ...{ type: 'int8', calibrated: 200, checked: 56, cosine: { mean: 0.99, min: 0.97 } },
          ...{ pairs: { mean: 0.0012, std: 0.01 }, same: false, carried: true },
          accuracy: { pairs: 'pairs.txt', float32: 0.964, reduced: 0.963 },
        },
      },
    })
    expect(text).toContain('| one | 40 | 0.20 % \\[0.10 %, 0.40 %\\] | – |')
    expect(text).toContain('Largest to smallest 2.00 \\[0.50, 8.00\\], Gini 0.333.')
    expect(text).toContain(`fr\\_feature.onnx (SHA-256 ${base.sha256})`)
    expect(text).toContain('(Cllr) 0.120 bits, at best 0.100')
    expect(text).toContain('| Accuracy on pairs.txt | 96.30 % (float32 96.40 %) |')
    expect(text).toContain('| Cosine to float32 on 56 other faces |')
    expect(text).toContain('float32 | 0.0012 in the mean, standard deviation 0.0100 |')
    expect(text).toContain(
      'Its thresholds, those of the float32 model, were measured on 1,200,000 pairs',
    )
    expect(text).toMatch(/\(Cllr\) .* Measured of the float32 model\./)
    expect(text).not.toContain('was not measured')
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
