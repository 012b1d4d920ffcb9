import { thresholdsOf } from '@arcface/onnx'
import { describePreprocessing, rateName, roundedRate } from '@arcface/vision'
import type { Figure } from '../report/scored.js'
import { count, figureText, percent } from '../words.js'
import type { CardFacts } from './facts.js'
import { frontMatter } from './front-matter.js'
import { groupsSection } from './groups.js'
import { facts, link, plain, section, table } from './markdown.js'
import { whose } from './whose.js'

/**
 * A model card (Mitchell et al. 2019, arXiv 1810.03993) as Markdown, with the front matter and the headings that Hugging
 * Face reads: what the model is, what it was made of, its figures with intervals, thresholds, groups and limits. What
 * nobody measured is said to be unknown.
 */
export function modelCard(card: CardFacts): string {
  const parts = [
    frontMatter(card),
    `# ${plain(card.name)}`,
    'Face embedder: an aligned face of 112 x 112 pixels in, a vector out whose direction means identity. Two faces are compared by the cosine of their vectors.',
    section('## Model details', details(card)),
    section('## Uses', USES),
    section('## Bias, risks and limitations', ...limits(card)),
    section('## How to get started', started(card)),
    section(
      '## Training details',
      section('### Training data', facts(card.data)),
      section('### Training procedure', facts(card.training)),
    ),
    section('## Evaluation', ...evaluation(card)),
    section('## Technical specifications', specifications(card)),
    section('## Citation', CITATION),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function details({ licence, metadata }: CardFacts): string {
  const { backbone, base, dim, loss } = metadata
  const settings = Object.entries(loss).flatMap(([key, value]) =>
    key === 'name' || value === null || value === 0 || value === false ? [] : [`${key} ${value}`],
  )
  const rows = [
    ['Licence', licence === null ? 'not stated' : licensed(licence)],
    ['Network', plain(backbone)],
    ...(base ? [['Begun from', plain(`${base.name} (SHA-256 ${base.sha256})`)]] : []),
    ['Embedding', `${dim} values`],
    ['Loss', plain([loss.name, ...settings].join(', '))],
  ]
  return table(['', ''], rows)
}

const licensed = ({ name, url }: NonNullable<CardFacts['licence']>) =>
  url === undefined ? plain(name) : link(name, url)

const USES = `Meant for comparing faces of people who know of it, at a threshold whose false accept rate (FAR) was measured on faces like theirs.

Not meant for deciding about a person by itself, for faces that were not aligned as below, or for people of groups, ages, cameras and light on which nobody has measured it. It does not tell a living face from a picture of one. In many countries embeddings are biometric data, which law protects.`

function limits(card: CardFacts): string[] {
  const { metadata, groups } = card
  const differences =
    groups.length === 0
      ? [
          'How its errors differ between groups of people (sex, age, skin tone) was not measured: measure it on your own people before you rely on it.',
        ]
      : groups.map((one) => section('### Groups', groupsSection(card, one)))
  const known = thresholdsOf(metadata)
  if (!known?.impostors)
    return ['On which pairs of strangers its thresholds hold was not measured.', ...differences]
  const { pairs, people, smallestFar } = known.impostors
  return [
    `Its thresholds${ofFloat(metadata)} were measured on ${pairsOf(known.source, pairs, people)}. They bear out a FAR of ${roundedRate(smallestFar)} and no smaller one; other faces may have another FAR at the same threshold.`,
    ...differences,
  ]
}

/** Sources of ours say themselves how much they are of. */
function pairsOf(source: string, pairs: number, people: number): string {
  if (source.startsWith(`${count(pairs)} pairs of ${people} people`)) return plain(source)
  return `${count(pairs)} pairs of ${count(people)} people (${plain(source)})`
}

/** Nobody measured them of this file. */
const ofFloat = ({ precision }: CardFacts['metadata']) =>
  precision?.carried ? ', those of the float32 model,' : ''

const started = ({ file }: CardFacts) => `\`\`\`js
import { Recognizer } from '@arcface/recognize'

const recognizer = await Recognizer.open({ model: ${JSON.stringify(file.name)} })
console.log(await recognizer.verify('a.jpg', 'b.jpg'))
await recognizer.close()
\`\`\``

function evaluation(card: CardFacts): string[] {
  const { results, metadata } = card
  const cosines = Object.entries(thresholdsOf(metadata)?.cosine ?? {})
  return [
    results.length === 0
      ? 'Not measured.'
      : 'In brackets: 95 % intervals by bootstrap over people, where there are any.',
    ...results.map(({ set, note, model, pairs, people, figures }) =>
      section(
        `### ${plain(set)}`,
        [
          plain(note),
          ...(model === undefined ? [] : [plain(whose(card, model))]),
          ...(pairs === undefined ? [] : [`${count(pairs)} pairs`]),
          ...(people === undefined ? [] : [`${count(people)} people`]),
        ].join(', '),
        table(
          ['figure', 'value'],
          figures.map((one) => [plain(one.figure), shown(one)]),
        ),
      ),
    ),
    section(
      '### Thresholds',
      cosines.length === 0
        ? ''
        : table(
            ['FAR', 'same person above a cosine of'],
            cosines.map(([far, cosine]) => [rateName(far), cosine.toFixed(4)]),
          ),
    ),
    section('### Probability', probability(metadata)),
    section('### Beside the float32 model', reduced(metadata)),
  ]
}

function probability(metadata: CardFacts['metadata']): string {
  const { calibration, precision } = metadata
  if (!calibration) return ''
  const { method, prior, measured } = calibration
  const { source, people, genuine, impostors, cllr, minCllr } = measured
  return `A cosine is turned into the probability of one person (${method}), at a prior of ${prior}. Cost of its likelihood ratios (Cllr) ${cllr.toFixed(3)} bits, at best ${minCllr.toFixed(3)}, measured on people it was not fitted to: ${count(genuine)} pairs of one person and ${count(impostors)} of two, of ${count(people)} people (${plain(source)}).${precision?.carried ? ' Measured of the float32 model.' : ''}`
}

function reduced({ precision }: CardFacts['metadata']): string {
  if (!precision) return ''
  const { type, calibrated, checked, same, cosine, pairs, accuracy } = precision
  return facts([
    ['Type', type],
    ...(calibrated > 0 ? [['Ranges measured on', `${count(calibrated)} faces`] as const] : []),
    [
      `Cosine to float32 on ${same ? 'the same' : count(checked)}${same === false && calibrated > 0 ? ' other' : ''} faces`,
      `${cosine.mean.toFixed(4)} in the mean, ${cosine.min.toFixed(4)} at worst`,
    ],
    [
      'Cosine of two faces, less that of float32',
      `${pairs.mean.toFixed(4)} in the mean, standard deviation ${pairs.std.toFixed(4)}`,
    ],
    ...(accuracy
      ? [
          [
            `Accuracy on ${accuracy.pairs}`,
            `${percent(accuracy.reduced)} (float32 ${percent(accuracy.float32)})`,
          ] as const,
        ]
      : []),
  ])
}

function shown({ figure, value, low, high }: Figure): string {
  const write = (one: number) => figureText(figure, one)
  return low === undefined || high === undefined
    ? write(value)
    : `${write(value)} (${write(low)} to ${write(high)})`
}

function specifications({ file, metadata }: CardFacts): string {
  const { input, alignment } = metadata
  const points = alignment.points.map(([x, y]) => `(${x}, ${y})`).join(' ')
  return facts([
    ['File', `${file.name}, ${(file.bytes / 1e6).toFixed(1)} MB`],
    ['SHA-256', file.sha256],
    ['Input', `float32 [batch, 3, ${input.size.join(', ')}], ${describePreprocessing(input)}`],
    ['Alignment', `${alignment.name}: eyes, nose, corners of the mouth at ${points}`],
    ['Output', `float32 [batch, ${metadata.dim}], not normalised`],
  ])
}

const CITATION = `ArcFace: Additive Angular Margin Loss for Deep Face Recognition, Deng et al., [arXiv 1801.07698](https://arxiv.org/abs/1801.07698). Trained or exported by ArcFace for TypeScript.`
