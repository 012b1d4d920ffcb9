import { degrees } from '@arcface/evaluate'
import { type Content, chartColors, type Html } from '@arcface/evaluate/report'
import type { Picture } from '../output.js'
import { grid, INK, LIGHT, panelTitle, tag, text } from '../svg.js'
import { firstRows } from './rows.js'
import type { ToyRun } from './run.js'
import { latitudes, type Seen, type View, viewsOf } from './views.js'

const WIDTH = 320
const HEIGHT = 336
const RADIUS = 118
const [X, Y] = [WIDTH / 2, 190]
/** Points of an identity that are drawn; figures are of all. */
const SHOWN = 30
/** Seconds a picture of the animation. */
const PACE = 0.2

/** Seconds that the animation of a run takes. */
export const duration = (picture: Picture): number => picture.frames!.svgs.length * PACE

/**
 * Features and centres of runs of one dimension, a panel a loss. The SVG shows the end of training and, where it is
 * displayed by a browser, the way there.
 */
export function toyPicture(name: string, runs: readonly ToyRun[]): Picture {
  const panels = runs.map((run) => ({ run, views: viewsOf(run, firstRows(run, SHOWN)) }))
  const layout = { width: WIDTH, height: HEIGHT, columns: 2 }
  const count = panels[0]!.views.length
  const trained = runs[0]!.frames.length
  const svgs = Array.from({ length: count }, (_, i) => i)
    .filter((i) => i < trained || panels[0]!.views[i] !== panels[0]!.views[i - 1])
    .map((i) =>
      grid(
        panels.map(({ run, views }) => panel(run, [views[i]!])),
        layout,
      ),
    )
  const delays = svgs.map((_, i) => (i === svgs.length - 1 ? 1500 : 1000 * PACE))
  return {
    name,
    svg: grid(
      panels.map(({ run, views }) => panel(run, views)),
      layout,
    ),
    frames: { svgs, delays },
  }
}

const colour = (identity: number): string => chartColors[identity % chartColors.length]!

/** One loss. Of several views the last that belongs to training is drawn, and all are animated. */
function panel(run: ToyRun, views: readonly View[]): Content {
  const { dim, label, frames, identities } = run
  const { intra, inter } =
    run.statistics[frames.findIndex(({ step }) => step === views.at(-1)!.step)]!
  const shown = firstRows(run, SHOWN)
  const each = views[0]!.centres.length / identities
  const points = shown.map((row, i) => {
    const place = scatter(dim, i)
    return dot(
      views.map((view) => view.points[i]!),
      place,
      colour(run.labels[row]!),
    )
  })
  const centres = views[0]!.centres.map((_, i) =>
    ray(
      views.map((view) => view.centres[i]!),
      colour(Math.floor(i / each)),
      frames[0]!.centres === null,
    ),
  )
  return [
    panelTitle(X, 22, label, run.loss.name),
    text(X, 41, `Intra ${degrees(intra).toFixed(1)}°, Inter ${degrees(inter).toFixed(1)}°`, {
      'text-anchor': 'middle',
    }),
    ...ground(dim),
    ...centres,
    ...points,
    progress(views, frames.at(-1)!.step),
  ]
}

/** On the circle points lie a little off it, so that they do not hide each other. */
const scatter = (dim: number, i: number): number =>
  dim === 2 ? 1 + 0.1 * (((i * 0.618034) % 1) - 0.5) : 1

function ground(dim: number): Html[] {
  const line = { fill: 'none', stroke: LIGHT }
  const outline = tag('circle', { cx: X, cy: Y, r: RADIUS, fill: 'none', stroke: '#c4c9cf' })
  if (dim === 2) return [outline]
  return [
    outline,
    ...latitudes.map(({ y, rx, ry }) =>
      tag('ellipse', { cx: X, cy: Y - RADIUS * y, rx: RADIUS * rx, ry: RADIUS * ry, ...line }),
    ),
  ]
}

/** The views of a thing as an element: attributes of the last one, and animations of those that change. */
function moving(
  name: string,
  fixed: Record<string, string | number>,
  states: readonly Record<string, number>[],
): Html {
  const last = states.at(-1)!
  const animations = Object.keys(last).flatMap((attribute) => {
    const values = states.map((state) => String(Math.round(state[attribute]! * 10) / 10))
    return values.every((value) => value === values[0])
      ? []
      : tag('animate', {
          attributeName: attribute,
          dur: `${states.length * PACE}s`,
          repeatCount: 'indefinite',
          values: values.join(';'),
        })
  })
  return tag(name, { ...fixed, ...last }, ...animations)
}

const dot = (seen: readonly Seen[], place: number, fill: string): Html =>
  moving(
    'circle',
    { r: 2.2, fill },
    seen.map(({ x, y, front }) => ({
      cx: X + RADIUS * place * x,
      cy: Y - RADIUS * place * y,
      opacity: front ? 0.8 : 0.2,
    })),
  )

const ray = (seen: readonly Seen[], stroke: string, dashed: boolean): Html =>
  moving(
    'line',
    { x1: X, y1: Y, stroke, 'stroke-width': 2, ...(dashed && { 'stroke-dasharray': '4 3' }) },
    seen.map(({ x, y, front }) => ({
      x2: X + RADIUS * x,
      y2: Y - RADIUS * y,
      opacity: front ? 1 : 0.3,
    })),
  )

function progress(views: readonly View[], steps: number): Content {
  const width = 160
  const bar = { x: X - width / 2, y: HEIGHT - 16, height: 4, rx: 2 }
  return [
    tag('rect', { ...bar, width, fill: LIGHT }),
    moving(
      'rect',
      { ...bar, fill: INK },
      views.map(({ step }) => ({ width: (width * step) / steps })),
    ),
  ]
}
