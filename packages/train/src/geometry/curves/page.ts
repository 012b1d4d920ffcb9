import { degrees } from '@arcface/evaluate'
import {
  type Content,
  type Html,
  html,
  htmlPage,
  htmlTable,
  lineChart,
} from '@arcface/evaluate/report'
import { lossSchema } from '../../losses/index.js'
import { lossStyles } from '../colours.js'
import { formulaTable, unifiedFormula } from '../formulas.js'
import type { NamedLoss } from '../named-loss.js'
import type { GeometryPage } from '../output.js'
import { families, has, isUnified, listed, paragraph } from '../words.js'
import type { TargetCurve } from './curves.js'

/** The page of `arcface geometry curves`: the paper's figure 4 and how to read it. */
export function curvesPage(curves: readonly TargetCurve[]): GeometryPage {
  const drawn = joined(curves)
  const styles = lossStyles(drawn)
  const svg = lineChart({
    x: { name: 'angle between sample and its own centre, degrees', min: 20, max: 100 },
    y: { name: 'logit of the true class / s' },
    series: drawn.map(({ label, angles, logits }, i) => ({
      name: label,
      ...styles[i],
      points: Array.from(angles, (angle, i) => [round(degrees(angle)), logits[i]!] as const),
    })),
    height: 520,
  })
  const page = htmlPage('How a margin changes the target logit', [
    { title: 'The question', html: QUESTION },
    { title: 'Target logit against angle', html: html`${svg}${READING}${margins(curves)}` },
    { title: 'Formulas', html: formulas(curves) },
    { title: 'The same in numbers', html: html`${numbers(drawn)}${SOURCE}` },
  ])
  return { name: 'curves', html: page, pictures: [{ name: 'curves', svg }] }
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

function numbers(curves: readonly TargetCurve[]): Html {
  const rows = Array.from(curves[0]?.angles ?? [])
    .map((angle, i) => ({ angle, i }))
    .filter(({ i }) => i % EVERY === 0)
    .map(({ angle, i }) => [
      `${degrees(angle).toFixed(0)}°`,
      ...curves.map(({ logits }) => logits[i]!.toFixed(3)),
    ])
  return htmlTable(['Angle', ...curves.map(({ label }) => label)], rows)
}

const QUESTION = html`<p>A face network turns a photograph into a direction <i>x</i>. Every person <i>j</i> of the training
data has a direction too, its centre <i>W</i><sub>j</sub>. The smaller the angle <i>θ</i><sub>j</sub> between the two,
the more alike they are held to be; cos <i>θ</i><sub>j</sub> is 1 at 0° and 0 at 90°. Training raises the logit of the
true person over those of all others. Once it is higher there is little left to gain, although the sample may still
lie far from its centre.</p>
<p>A margin takes something away from the true person's logit while training, so that being only just nearest is not
enough: the sample has to come nearer to its centre before it counts as right. The losses differ in what they take
away at which angle.</p>`

const READING = html`<p>Lower is stricter: at the same angle a lower curve leaves the sample farther behind the others. The
features of an untrained network stand at about 90° to all centres and move to the left as training goes on.</p>`

/** How the margins of the losses drawn look. */
function margins(curves: readonly NamedLoss[]): Content {
  const arcs = curves.filter(({ loss }) => loss.name === 'arcface')
  const moved = arcs.map((arc) => {
    const margin = Number(lossSchema.parse(arc.loss).margin)
    return `${arcs.length > 1 ? `${listed([arc])}: ` : ''}${margin} radians, ${degrees(margin).toFixed(1)}°`
  })
  return paragraph(
    html`The margin of a loss at an angle is the distance from the curve without one.`,
    has(curves, 'cosface') && html`CosFace's is the same <b>height</b> everywhere.`,
    arcs.length > 0 &&
      html`ArcFace's is the same <b>width</b>: its curve is the one without margin moved to the left (by ${moved.join('; ')}), so the sample must be nearer by just that angle, wherever it is.`,
    has(curves, 'sphereface') &&
      html`SphereFace's width grows with the angle and nearly vanishes for samples that are already near.`,
    has(curves, 'cm1', 'cm2') &&
      html`${listed(curves.filter(({ loss }) => ['cm1', 'cm2'].includes(loss.name)))} mix${has(curves, 'cm1') && has(curves, 'cm2') ? '' : 'es'} such margins.`,
  )
}

function formulas(curves: readonly NamedLoss[]): Html {
  return html`${[
    curves.some(isUnified) && unifiedFormula,
    formulaTable(curves),
    families(curves),
    paragraph(
      html`The scale <i>s</i> is the same factor for all classes, so the chart is drawn without it.`,
      has(curves, 'arcface', 'sphereface', 'cm1', 'cm2', 'unified', 'subcenter-arcface') &&
        html`Where <i>m</i>₁<i>θ</i> + <i>m</i>₂ passes 180°, the cosine would rise again; there the code goes on downwards.`,
    ),
  ]}`
}

const SOURCE = html`<p>After figure 4 of ArcFace (arXiv 1801.07698). Every value is what the loss of the trainer gives for a
feature and a centre of length 1, not a second copy of the formula.</p>`
