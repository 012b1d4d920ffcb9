import { degrees } from '@arcface/evaluate'
import {
  type Content,
  chartColors,
  type Html,
  html,
  htmlPage,
  htmlTable,
  lineChart,
  type Section,
} from '@arcface/evaluate/report'
import sharp from 'sharp'
import { lossStyles } from '../colours.js'
import { formulaTable } from '../formulas.js'
import type { GeometryPage, Picture } from '../output.js'
import { image, tag } from '../svg.js'
import { has, paragraph } from '../words.js'
import { duration, toyPicture } from './draw.js'
import { type Patterns, SIDE } from './patterns.js'
import type { ToyPlan, ToyRun } from './run.js'

/** The page of `arcface geometry toy`: the paper's figure 3, with the training as an animation. */
export async function toyPage(
  { patterns, runs }: { patterns: Patterns; runs: readonly ToyRun[] },
  plan: ToyPlan,
): Promise<GeometryPage> {
  const samples = { name: 'toy-patterns', svg: await patternsPicture(patterns) }
  const pictures = plan.dims.map((dim) =>
    toyPicture(
      `toy-${dim}d`,
      runs.filter((run) => run.dim === dim),
    ),
  )
  const sections: Section[] = [
    { title: 'The question', html: QUESTION },
    { title: `${patterns.identities} identities`, html: html`${samples.svg}${patternsText(plan)}` },
    ...pictures.map((picture, i) => ({
      title: plan.dims[i] === 2 ? 'Two dimensions: a circle' : 'Three dimensions: a sphere',
      html: html`${player(picture)}${plan.dims[i] === 2 ? [CIRCLE, compared(runs)] : SPHERE}`,
    })),
    ...plan.dims.map((dim) => ({
      title: `Angles in ${dim} dimensions`,
      html: figures(runs.filter((run) => run.dim === dim)),
    })),
    {
      title: 'Formulas',
      html: html`${formulaTable(runs.filter(({ dim }) => dim === plan.dims[0]))}${ANGLES}`,
    },
  ]
  const page = htmlPage('What losses do to features, small enough to see', sections)
  return { name: 'toy', html: page, pictures: [samples, ...pictures] }
}

const PER_ROW = 6
const CELL = 40

/** Some patterns of each identity, a column an identity. */
async function patternsPicture({ identities, images, labels }: Patterns): Promise<Html> {
  const cells = Array.from({ length: identities }, async (_, identity) => {
    const first = labels.indexOf(identity)
    const columns = Array.from({ length: PER_ROW }, async (_, k) => {
      const start = (first + k) * SIDE * SIDE
      const grey = Uint8ClampedArray.from(
        images.subarray(start, start + SIDE * SIDE),
        (value) => 128 + 55 * value,
      )
      const raw = { width: SIDE, height: SIDE, channels: 1 as const }
      const png = await sharp(Buffer.from(grey.buffer), { raw })
        .resize(CELL, CELL, { kernel: 'nearest' })
        .png()
        .toBuffer()
      return tag('image', {
        x: 8 + identity * (CELL + 12),
        y: 12 + k * (CELL + 4),
        width: CELL,
        height: CELL,
        href: `data:image/png;base64,${png.toString('base64')}`,
      })
    })
    const mark = tag('rect', {
      x: 8 + identity * (CELL + 12),
      y: 0,
      width: CELL,
      height: 6,
      fill: chartColors[identity % chartColors.length]!,
    })
    return [mark, await Promise.all(columns)]
  })
  const drawn = await Promise.all(cells)
  return image(identities * (CELL + 12) + 4, 12 + PER_ROW * (CELL + 4), ...drawn)
}

/** The animation with a slider; the handlers are all the script there is. */
function player(picture: Picture): Html {
  const svg = `const s = this.closest('section').querySelector('svg')`
  const seek = `${svg}; s.pauseAnimations(); s.setCurrentTime(this.value)`
  return html`${picture.svg}
<p><button type="button" onclick="${svg}; s.animationsPaused() ? s.unpauseAnimations() : s.pauseAnimations()">Play or pause</button>
<input type="range" aria-label="time" style="width: 70%; vertical-align: middle" min="0" max="${(duration(picture) - 0.01).toFixed(2)}" step="0.05" value="0" oninput="${seek}"></p>`
}

function figures(runs: readonly ToyRun[]): Html {
  const shown = (angle: number | null) => (angle === null ? '–' : `${degrees(angle).toFixed(1)}°`)
  const rows = runs.map(({ label, statistics }) => {
    const { intra, inter, gap, wEc, wInter } = statistics.at(-1)!
    return [label, ...[intra, inter, gap, wEc, wInter].map(shown)]
  })
  const styles = lossStyles(runs)
  const chart = lineChart({
    x: { name: 'step', min: 0 },
    y: { name: 'Intra: mean angle to the centre of the own class, degrees', min: 0 },
    series: runs.map(({ label, frames, statistics }, i) => ({
      name: label,
      ...styles[i],
      points: frames.map(({ step }, i) => [step, degrees(statistics[i]!.intra)]),
    })),
  })
  return html`${htmlTable(['Loss', 'Intra', 'Inter', 'Gap', 'W-EC', 'W-Inter'], rows)}${chart}`
}

const QUESTION = html`<p>A real network gives 512 numbers a face, which nobody can see. This one gives two or three, so
that its features lie on a circle or on a sphere once they are made one long. It is trained from the same start on the
same pictures under each loss. What differs between the panels is the loss alone.</p>`

const patternsText = ({
  perIdentity,
  seed,
  steps,
}: ToyPlan) => html`<p>A column is an identity, in the
colour that it has below. Like photographs of a person, no two of its pictures are the same: they are moved, turned,
brighter or flatter, and have noise. ${perIdentity} of each are drawn by code from seed ${seed}; a network of two hidden
layers is trained on them for ${steps} steps, with scale 16 (for the losses that have one) and a margin that grows over
the first half.</p>`

const CIRCLE = html`<p>A dot is a picture of the training data, put a little off the circle so that dots do not hide each
other; a line is the trained centre of an identity (dashed where a loss has no centres: the mean of its features). The
bar tells how far the training is, the angles above a panel are those of its end. Look at how much of the circle a
colour takes up, how wide the gaps between colours are, and whether the lines point into the middle of their dots.</p>`

/** What to see, of the losses that are drawn. */
const compared = (runs: readonly ToyRun[]): Content =>
  paragraph(
    has(runs, 'softmax') &&
      html`Plain softmax is content once a sample is on the right side: it makes features and centres longer, which makes it surer of itself without moving anything nearer, so its arcs stay wide.`,
    has(runs, 'norm-softmax') &&
      html`Norm-Softmax, whose lengths are fixed, draws samples nearer, but lines may stand apart from their dots.`,
    has(runs, 'arcface', 'cosface', 'sphereface', 'cm1', 'cm2', 'unified') &&
      html`A margin contracts each arc, widens the gaps and pulls dots and line together.`,
    has(runs, 'softmax') && has(runs, 'arcface') && MEASURED,
  )

const MEASURED = html`Measured over seeds 1 to 5, as the command draws it without further settings: the mean angle to the middle of the own arc (Intra) was 6.9° under softmax (least
6.3°) and 1.5° under ArcFace (most 2.2°); the gap that 95 % of the pictures keep to the next identity was 8° and 36°.`

const SPHERE = html`<p>The same with one dimension more. Faint dots and lines are on the far side. After the training the
sphere turns once. There is more room: identities can stand farther from each other.</p>`

const ANGLES = html`<p>All but Gap are means: <b>Intra</b>, the angle from a feature to the mean
direction of its identity (smaller is more compact); <b>Inter</b>, from the mean direction of an identity to the nearest
other one (larger is farther apart); <b>Gap</b>, by how much 95 % of the features are nearer to the mean direction of
their own identity than to any other (larger is safer; below 0, more than 5 % are nearer to another); <b>W-EC</b>, from a trained centre to the mean direction of its identity;
<b>W-Inter</b>, from a trained centre to the nearest other one. <code>arcface geometry angles</code> measures the same on
a trained face network. After figure 3 of ArcFace (arXiv 1801.07698), which shows eight identities in two
dimensions.</p>`
