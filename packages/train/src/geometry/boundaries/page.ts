import { degrees } from '@arcface/evaluate'
import { type Content, type Html, html, htmlPage, lineChart } from '@arcface/evaluate/report'
import { lossStyles } from '../colours.js'
import { formulaTable } from '../formulas.js'
import type { NamedLoss } from '../named-loss.js'
import type { GeometryPage } from '../output.js'
import { grid, INK, LIGHT, type Point, panelTitle, path, tag, text } from '../svg.js'
import { families, has, isUnified, listed, paragraph } from '../words.js'
import { type BinaryBoundary, HALF } from './boundaries.js'

// Of the two classes; no loss has them.
const [BLUE, RED] = ['#3566b8', '#c8385a']
const WIDTH = 240
const COLUMNS = 3

/** The page of `arcface geometry boundaries`: the paper's figure 5, and the same on the circle. */
export function boundariesPage(boundaries: readonly BinaryBoundary[]): GeometryPage {
  const layout = { width: WIDTH, columns: COLUMNS }
  const plane = grid(boundaries.map(planePanel), { ...layout, height: 262 })
  const circle = grid(boundaries.map(circlePanel), { ...layout, height: 236 })
  const gap = gapChart(boundaries)
  const page = htmlPage('Where one class ends and the other begins', [
    { title: 'The question', html: QUESTION },
    { title: 'Boundaries by the two angles', html: html`${plane}${PLANE}${bands(boundaries)}` },
    { title: 'The same on the circle', html: html`${circle}${CIRCLE}` },
    { title: 'How wide is the gap?', html: html`${gap}${gaps(boundaries)}` },
    { title: 'Formulas', html: formulas(boundaries) },
  ])
  const pictures = [
    { name: 'boundaries', svg: plane },
    { name: 'boundaries-circle', svg: circle },
    { name: 'boundaries-gap', svg: gap },
  ]
  return { name: 'boundaries', html: page, pictures }
}

const middle = { 'text-anchor': 'middle' }
const title = ({ label, loss }: BinaryBoundary) => panelTitle(WIDTH / 2, 20, label, loss.name)

/** Angles 0 to 180 degrees to both centres; what each class holds is coloured. */
function planePanel(boundary: BinaryBoundary): Content {
  const [left, top, side] = [42, 32, 180]
  const at = (theta1: number, theta2: number): Point => [
    left + (side * theta1) / Math.PI,
    top + side - (side * theta2) / Math.PI,
  ]
  const known = Array.from(boundary.own, (own, i) => [own, boundary.other[i]!] as const).filter(
    ([, other]) => !Number.isNaN(other),
  )
  const last = known.at(-1)?.[0] ?? 0
  const first = known.map(([own, other]) => at(own, other))
  const second = known.map(([own, other]) => at(other, own))
  const area = (points: Point[], ends: Point[], fill: string) =>
    path([...points, ...ends, points[0]!], { fill, 'fill-opacity': 0.18 })
  const line = (points: Point[], stroke: string) =>
    path(points, { fill: 'none', stroke, 'stroke-width': 2 })
  const ticks = [0, 90, 180].flatMap((degree) => {
    const angle = (degree / 180) * Math.PI
    const [x, y] = at(angle, angle)
    return [
      text(x, top + side + 15, `${degree}°`, { ...middle, 'font-size': 10 }),
      text(left - 5, y + 4, `${degree}°`, { 'text-anchor': 'end', 'font-size': 10 }),
    ]
  })
  return [
    title(boundary),
    area(first, [at(last, Math.PI), at(0, Math.PI)], BLUE),
    area(second, [at(Math.PI, last), at(Math.PI, 0)], RED),
    path([at(0, 0), at(Math.PI, Math.PI)], {
      stroke: INK,
      'stroke-dasharray': '3 4',
      fill: 'none',
    }),
    line(first, BLUE),
    line(second, RED),
    tag('rect', { x: left, y: top, width: side, height: side, fill: 'none', stroke: INK }),
    ...ticks,
    text(left + side / 2, top + side + 30, 'angle to centre 1', { ...middle, 'font-size': 11 }),
    text(0, 0, 'angle to centre 2', {
      ...middle,
      'font-size': 11,
      transform: `translate(11 ${top + side / 2}) rotate(-90)`,
    }),
    text(left + side * 0.2, top + side * 0.18, 'class 1', { ...middle, fill: BLUE }),
    text(left + side * 0.8, top + side * 0.86, 'class 2', { ...middle, fill: RED }),
  ]
}

/** Features of two dimensions lie on a circle; 0 degrees is up. */
function circlePanel(boundary: BinaryBoundary): Content {
  const [x, y, radius] = [WIDTH / 2, 128, 84]
  const at = (angle: number, r = radius): Point => [
    x + r * Math.sin(angle),
    y - r * Math.cos(angle),
  ]
  const degreeOf = (i: number) => ((i - 180) * Math.PI) / 180
  const arcs = runs(boundary.circle).map(({ holder, from, to }) =>
    path(
      Array.from({ length: to - from + 2 }, (_, k) => at(degreeOf(from + k - 0.5))),
      { fill: 'none', stroke: [LIGHT, BLUE, RED][holder]!, 'stroke-width': 11 },
    ),
  )
  const centre = (angle: number, stroke: string, name: string) => {
    const [cx, cy] = at(angle, radius + 20)
    return [
      path([[x, y], at(angle)], { fill: 'none', stroke, 'stroke-width': 2.5 }),
      text(cx, cy + 4, name, { ...middle, fill: stroke }),
    ]
  }
  const width = degrees(gapAt(boundary, 2 * HALF))
  return [
    title(boundary),
    ...arcs,
    centre(-HALF, BLUE, 'W₁'),
    centre(HALF, RED, 'W₂'),
    text(x, y - radius + 26, `gap ${width.toFixed(1)}°`, middle),
  ]
}

/** Neighbours with one holder. */
function runs(circle: Uint8Array): { holder: number; from: number; to: number }[] {
  const found: { holder: number; from: number; to: number }[] = []
  circle.forEach((holder, i) => {
    const last = found.at(-1)
    if (last?.holder === holder) last.to = i
    else found.push({ holder, from: i, to: i })
  })
  return found
}

/** The gap at an angle between the centres, between the two nearest that are known. */
export function gapAt({ between, gap }: BinaryBoundary, angle: number): number {
  const after = between.findIndex((one) => one >= angle)
  const share = (angle - between[after - 1]!) / (between[after]! - between[after - 1]!)
  return gap[after - 1]! + share * (gap[after]! - gap[after - 1]!)
}

function gapChart(boundaries: readonly BinaryBoundary[]): Html {
  const styles = lossStyles(boundaries)
  return lineChart({
    x: { name: 'angle between the two centres, degrees', min: 0, max: 180 },
    y: { name: 'arc between them that belongs to neither, degrees', min: 0 },
    series: boundaries.map(({ label, between, gap }, i) => ({
      name: label,
      ...styles[i],
      points: Array.from(between, (angle, i) => [degrees(angle), Math.max(0, degrees(gap[i]!))]),
    })),
    height: 420,
  })
}

const QUESTION = html`<p>Take two people only. A sample lies at the angle <i>θ</i>₁ from the first one's centre and at
<i>θ</i>₂ from the second one's. Training counts a sample of person 1 as right when its logit of class 1 is the higher
one, with the margin in it; and likewise a sample of person 2. Without a margin the two regions touch where
<i>θ</i>₁ = <i>θ</i>₂. A margin moves both edges back: between them lies a band that satisfies neither, so nothing of
the training data may stay there.</p>`

const PLANE = html`<p>Blue: counts as right for a sample of person 1. Red: for one of person 2. Uncoloured: neither. Dashed: as
near to one centre as to the other.</p>`

/** How the bands of the losses drawn look. */
const bands = (losses: readonly NamedLoss[]): Content =>
  paragraph(
    has(losses, 'norm-softmax', 'softmax') &&
      html`Without a margin both edges lie on the dashed diagonal.`,
    has(losses, 'arcface') &&
      html`ArcFace's edges run parallel to the diagonal, <i>θ</i>₂ = <i>θ</i>₁ + <i>m</i>: the band has the same angular width everywhere.`,
    has(losses, 'sphereface') &&
      html`SphereFace's is a fan that closes at 0°, <i>θ</i>₂ = <i>m</i><i>θ</i>₁.`,
    has(losses, 'cosface') &&
      html`CosFace's is a band of constant cosine, cos <i>θ</i>₂ = cos <i>θ</i>₁ − <i>m</i>: in angles it is wide at 0° and at 180° and narrow at 90°.`,
  )

const CIRCLE = html`<p>Features of two numbers, made one long, lie on a circle. Here the two centres stand 90° apart. Thick
blue: what class 1 holds; thick red: class 2; grey: neither. The angle on a circle is the length of the arc, and on the
sphere of any dimension it is that of the shortest way between two points, the geodesic: this is what the additive
<b>angular</b> margin is named after.</p>`

function gaps(boundaries: readonly BinaryBoundary[]): Content {
  const arcs = boundaries.filter(({ loss }) => loss.name === 'arcface')
  const wide = arcs.map((one) => {
    const width = degrees(gapAt(one, Math.PI)).toFixed(1)
    return `${arcs.length > 1 ? `${listed([one])}: ` : ''}${width}°`
  })
  const others = boundaries.filter(({ loss }) => ['cosface', 'cm1', 'cm2'].includes(loss.name))
  return paragraph(
    arcs.length > 0 &&
      html`ArcFace's gap is its margin (${wide.join('; ')}) for any two centres that are that far apart.`,
    has(boundaries, 'sphereface') &&
      html`SphereFace's shrinks with the angle between them, so that people who look alike are parted least.`,
    others.length > 0 &&
      html`${listed(others)}: the gap hangs on the angle between the centres too.`,
    html`Where a curve lies on the line gap = angle, the centres are too near each other for either class to hold anything between them.`,
  )
}

const formulas = (boundaries: readonly BinaryBoundary[]): Html =>
  html`${[
    formulaTable(boundaries),
    families(boundaries),
    paragraph(
      boundaries.every(isUnified) &&
        html`The logit of the other class is <i>s</i> cos <i>θ</i> under all of these.`,
      html`The boundary is where the logit of the other class equals that of the true one. It was found by bisection over the losses of the trainer themselves, with features and centres of length 1.`,
      has(boundaries, 'softmax') &&
        html`Under plain softmax a longer centre moves the boundary towards the other one.`,
      html`After figure 5 of ArcFace (arXiv 1801.07698).`,
    ),
  ]}`
