import type { CardFacts } from './facts.js'
import { isOwn } from './whose.js'

/** Licences that Hugging Face knows by these names (hf.co/docs/hub/repositories-licenses); all others are `other`. */
const KNOWN = new Set([
  'agpl-3.0',
  'apache-2.0',
  'bsd-2-clause',
  'bsd-3-clause',
  'cc-by-4.0',
  'cc-by-nc-4.0',
  'cc-by-nc-sa-4.0',
  'cc-by-sa-4.0',
  'cc0-1.0',
  'gpl-2.0',
  'gpl-3.0',
  'isc',
  'lgpl-3.0',
  'mit',
  'mpl-2.0',
  'openrail',
  'unlicense',
])

/**
 * The YAML that Hugging Face reads at the head of a card (hf.co/docs/hub/model-cards): licence, what the model is begun
 * from, and its figures as a `model-index`. Values are written as JSON, which YAML reads.
 */
export function frontMatter(card: CardFacts): string {
  const { name, licence, metadata } = card
  // An index compares models: what was measured of another stands in the text only.
  const results = card.results.filter(({ model }) => isOwn(card, model))
  const values = {
    ...licenceOf(licence),
    library_name: 'onnx',
    pipeline_tag: 'image-feature-extraction',
    tags: [
      'face-recognition',
      'face-verification',
      ...(['unknown', 'none'].includes(metadata.loss.name) ? [] : [metadata.loss.name]),
    ],
    ...(results.length > 0 && {
      metrics: ['accuracy'],
      'model-index': [{ name, results: results.map(indexed) }],
    }),
  }
  const lines = Object.entries(values).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
  return ['---', ...lines, '---'].join('\n')
}

function licenceOf(licence: CardFacts['licence']) {
  if (licence === null) return {}
  const id = licence.name.toLowerCase()
  if (KNOWN.has(id)) return { license: id }
  return {
    license: 'other',
    license_name: id.replaceAll(/[^a-z\d.]+/g, '-'),
    ...(licence.url !== undefined && { license_link: licence.url }),
  }
}

/** Thresholds and spreads are no results, and one reading of a rate is enough. */
const isResult = ({ figure }: { figure: string }) => !/threshold|deviation|InsightFace/.test(figure)

const indexed = ({ set, note, figures }: CardFacts['results'][number]) => ({
  task: { type: 'image-feature-extraction', name: 'Face verification' },
  dataset: { name: set, type: set.toLowerCase().replaceAll(/[^a-z\d]+/g, '-') },
  metrics: figures.filter(isResult).map(({ figure, value }) => ({
    type: figure === 'accuracy' ? 'accuracy' : figure.toLowerCase().replaceAll(/[^a-z\d]+/g, '_'),
    name: `${figure} (${note})`,
    value,
  })),
})
