import { htmlPage, htmlTable, lineChart } from '@arcface/evaluate/report'
import { degrees } from '../angles.js'
import { formulaTable, unifiedFormula } from '../formulas.js'
import type { GeometryPage } from '../output.js'
import type { TargetCurve } from './curves.js'

/** The page of `arcface geometry curves`: the paper's figure 4 and how to read it. */
export function curvesPage(curves: readonly TargetCurve[]): GeometryPage {
  const drawn = joined(curves)
  const svg = lineChart({
    x: { name: 'angle between sample and its own centre, degrees', min: 20, max: 100 },
    y: { name: 'logit of the true class / s' },
    series: drawn.map(({ label, angles, logits }) => ({
      name: label,
      points: Array.from(angles, (angle, i) => [round(degrees(angle)), logits[i]!] as const),
    })),
    height: 520,
  })
  const html = htmlPage('How a margin changes the target logit', [
    { title: 'The question', html: QUESTION },
    { title: 'Target logit against angle', html: `${svg}${READING}` },
    { title: 'Formulas', html: `${unifiedFormula}${formulaTable(curves)}${FORMULAS}` },
    { title: 'The same in numbers', html: `${numbers(drawn)}${SOURCE}` },
  ])
  return { name: 'curves', html, pictures: [{ name: 'curves', svg }] }
}

const round = (value: number) => Number(value.toFixed(6))

/** Curves that are the same line under one name. */
function joined(curves: readonly TargetCurve[]): TargetCurve[] {
  const distinct: TargetCurve[] = []
  for (const curve of curves) {
    const twin = distinct.findIndex(({ logits }) =>
      logits.every((logit, i) => Math.abs(logit - curve.logits[i]!) < 1e-12),
    )
    if (twin < 0) distinct.push(curve)
    else distinct[twin] = { ...distinct[twin]!, label: `${distinct[twin]!.label} = ${curve.label}` }
  }
  return distinct
}

const EVERY = 40 // steps of the curve a row: 20 degrees

function numbers(curves: readonly TargetCurve[]): string {
  const rows = Array.from(curves[0]?.angles ?? [])
    .map((angle, i) => ({ angle, i }))
    .filter(({ i }) => i % EVERY === 0)
    .map(({ angle, i }) => [
      `${degrees(angle).toFixed(0)}°`,
      ...curves.map(({ logits }) => logits[i]!.toFixed(3)),
    ])
  return htmlTable(['Angle', ...curves.map(({ label }) => label)], rows)
}

const QUESTION = `<p>A face network turns a photograph into a direction <i>x</i>. Every person <i>j</i> of the training
data has a direction too, its centre <i>W</i><sub>j</sub>. The smaller the angle <i>θ</i><sub>j</sub> between the two,
the more alike they are held to be; cos <i>θ</i><sub>j</sub> is 1 at 0° and 0 at 90°. Training raises the logit of the
true person over those of all others. Once it is higher there is little left to gain, although the sample may still
lie far from its centre.</p>
<p>A margin takes something away from the true person's logit while training, so that being only just nearest is not
enough: the sample has to come nearer to its centre before it counts as right. The losses differ in what they take
away at which angle.</p>`

const READING = `<p>Lower is stricter: at the same angle a lower curve leaves the sample farther behind the others. The
features of an untrained network stand at about 90° to all centres and move to the left as training goes on.</p>
<p>The margin of a loss at an angle is the distance from the curve without one. CosFace's is the same <b>height</b>
everywhere. ArcFace's is the same <b>width</b>: its curve is the one without margin moved to the left by
0.5 radians, 28.6°, so the sample must be nearer by just that angle, wherever it is. SphereFace's width grows with the
angle and nearly vanishes for samples that are already near. CM1 and CM2 mix them.</p>`

const FORMULAS = `<p>The unified margin (equation 4 of the paper) has all of them as special cases of (m₁, m₂, m₃). The
scale <i>s</i> is the same factor for all classes, so the chart is drawn without it. Plain softmax multiplies the
cosine by the lengths of centre and feature; with lengths of 1 and a bias of 0 it is the curve of Norm-Softmax. Where
m₁<i>θ</i> + m₂ passes 180°, the cosine would rise again; there the code goes on downwards.</p>`

const SOURCE = `<p>After figure 4 of ArcFace (arXiv 1801.07698). Every value is what the loss of the trainer gives for a
feature and a centre of length 1, not a second copy of the formula.</p>`
