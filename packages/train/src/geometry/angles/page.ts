import { degrees } from '@arcface/evaluate'
import {
  type Html,
  histogramChart,
  html,
  htmlPage,
  htmlTable,
  type Section,
} from '@arcface/evaluate/report'
import type { GeometryPage, Picture } from '../output.js'
import { BIN_DEGREES } from './histogram.js'
import type { RunAngles } from './measure.js'
import { paperRows, paperTable } from './paper.js'

/** The page of `arcface geometry angles`: the paper's table 3 for these runs, and histograms over training. */
export function anglesPage(runs: readonly RunAngles[]): GeometryPage {
  const pictures = runs.map((one, i) => historyPicture(one, runs.length > 1 ? `-${i + 1}` : ''))
  const sections: Section[] = [
    { title: 'The question', html: QUESTION },
    { title: 'Measured, in degrees', html: html`${measured(runs)}${MEASURED}` },
    ...runs.map((one, i) => ({
      title: `Angles to the own centre over training: ${one.run}`,
      html: html`${pictures[i]!.svg}${means(one)}`,
    })),
    { title: 'Reading the histograms', html: READING },
    { title: "The paper's figures, in degrees", html: html`${paper()}${PAPER}` },
  ]
  return { name: 'angles', html: htmlPage('Angles of trained runs', sections), pictures }
}

const shown = (angle: number | undefined): string =>
  angle === undefined ? '–' : degrees(angle).toFixed(2)

/** A column a run; sets are those of the first run, since all are given the same folders. */
function measured(runs: readonly RunAngles[]): Html {
  const row = (name: string, value: (one: RunAngles) => string) => [name, ...runs.map(value)]
  const [, ...others] = runs[0]?.sets ?? []
  const rows = [
    row('Loss, step', ({ loss, step }) => `${loss}, ${step}`),
    row('W-EC', ({ centres }) => shown(centres?.wEc)),
    row('W-Inter', ({ centres }) => shown(centres?.wInter)),
    row('Intra, training data', ({ sets }) => shown(sets[0]?.intra)),
    row('Inter, training data', ({ sets }) => shown(sets[0]?.inter)),
    ...others.flatMap(({ name }, i) => [
      row(`Intra, ${name}`, ({ sets }) => shown(sets[i + 1]?.intra)),
      row(`Inter, ${name}`, ({ sets }) => shown(sets[i + 1]?.inter)),
    ]),
    row('People / images, training data', ({ sets }) => `${sets[0]?.people} / ${sets[0]?.images}`),
    ...others.map(({ name }, i) =>
      row(
        `People / images, ${name}`,
        ({ sets }) => `${sets[i + 1]?.people} / ${sets[i + 1]?.images}`,
      ),
    ),
  ]
  return htmlTable(['', ...runs.map(({ run }) => run)], rows)
}

/** At most as many as there are colours; the first and the last are among them. */
const DRAWN = 5

function historyPicture({ history }: RunAngles, suffix: string): Picture {
  const last = history.length - 1
  const count = Math.min(DRAWN, history.length)
  const drawn = Array.from({ length: count }, (_, i) =>
    Math.round((i * last) / Math.max(1, count - 1)),
  )
  const bins = Math.max(
    ...drawn.map((i) => history[i]!.histogram.shares.findLastIndex((share) => share > 0) + 1),
  )
  const to = Math.ceil((bins * BIN_DEGREES) / 30) * 30
  const svg = histogramChart({
    x: { name: 'angle from a training image to the centre of its person, degrees' },
    y: { name: `share of images, per ${BIN_DEGREES} degrees`, percent: true },
    from: 0,
    to,
    series: drawn.map((i) => ({
      name: `step ${history[i]!.step}`,
      heights: [...history[i]!.histogram.shares.slice(0, to / BIN_DEGREES)],
    })),
    height: 420,
  })
  return { name: `angles-history${suffix}`, svg }
}

const means = ({ history }: RunAngles): Html =>
  htmlTable(
    ['Step', ...history.map(({ step }) => String(step))],
    [['Mean angle', ...history.map(({ histogram }) => `${degrees(histogram.mean).toFixed(1)}°`)]],
  )

function paper(): Html {
  const rows = paperRows.map(([key, name]) => [
    name,
    ...paperTable.map(({ angles }) => angles[key]?.toFixed(2) ?? '–'),
  ])
  return htmlTable(['', ...paperTable.map(({ label }) => label)], rows)
}

const definition = (name: string, formula: Html, words: string) =>
  html`<p><b>${name}</b> <span class="formula">${formula}</span>: ${words}</p>`

const QUESTION = html`<p>Faces are compared by the angle between their features. A network is good if images of one person
lie close together and those of different people far apart, above all for people it was not trained on. Four means
tell how it stands. <i>W</i><sub>j</sub> is the trained centre of person <i>j</i>, <i>E</i><sub>j</sub> the direction of
the mean of that person's normalised features <i>x</i><sub>i</sub>, <i>n</i> the number of people.</p>
${definition('W-EC', html`(1/<i>n</i>) Σ<sub>j</sub> ∠(<i>W</i><sub>j</sub>, <i>E</i><sub>j</sub>)`, 'how far trained centres stand from where the features really are.')}
${definition('W-Inter', html`(1/<i>n</i>) Σ<sub>j</sub> min<sub>k≠j</sub> ∠(<i>W</i><sub>j</sub>, <i>W</i><sub>k</sub>)`, 'how far a trained centre is from the nearest other one.')}
${definition('Intra', html`mean of ∠(<i>x</i><sub>i</sub>, <i>E</i><sub>y(i)</sub>) over images`, 'how wide a person is. Smaller is better.')}
${definition('Inter', html`(1/<i>n</i>) Σ<sub>j</sub> min<sub>k≠j</sub> ∠(<i>E</i><sub>j</sub>, <i>E</i><sub>k</sub>)`, 'how far a person is from the one who is most alike. Larger is better.')}`

const MEASURED = html`<p>Images as they are, without flip. W-EC and W-Inter need trained centres, which a loss of triplets
does not have; where a person has several, the one nearest to the features counts. Inter falls with the number of
people, since among more people a more similar one is found: compare it between runs on the same data only.</p>`

const READING = html`<p>Before the first step every image is at about 90° to its centre: in many dimensions two directions
that have nothing to do with each other nearly always are. Training moves the images to the left. The angle at which
they come to rest tells how tight the network has become on its own training data; on other people see Intra above. The
histograms are of some 2,000 images spread over all people, at the checkpoints that the run has kept
(<code>checkpoint.keep</code>; raise it to see more of the way), and in the evaluation mode of the network, without
augmentation.</p>`

const PAPER = html`<p>ResNet-50 trained on CASIA (arXiv 1801.07698, table 3); Intra and Inter are losses there, added to
Norm-Softmax. ArcFace has smaller Intra and larger Inter than Norm-Softmax. The Intra loss is the most compact and
places people so near each other that little is gained.</p>`
