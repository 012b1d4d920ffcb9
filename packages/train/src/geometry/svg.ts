import { type Content, type Html, html } from '@arcface/evaluate/report'
import { colourOf } from './colours.js'

// Drawings that no chart library makes: circles, spheres and small panels beside each other, as SVG text.

type Attributes = Readonly<Record<string, string | number>>
export type Point = readonly [x: number, y: number]

export const INK = '#33383f'
export const LIGHT = '#e4e7eb'
const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif'

/** An element; numbers are rounded to a hundredth of a pixel. */
export function tag(name: string, attributes: Attributes, ...children: Content[]): Html {
  const written = Object.entries(attributes).map(
    ([key, value]) => html` ${key}="${typeof value === 'number' ? short(value) : value}"`,
  )
  return children.length === 0
    ? html`<${name}${written}/>`
    : html`<${name}${written}>${children}</${name}>`
}

/** A number with two digits at most. */
export const short = (value: number): string => String(Math.round(value * 100) / 100)

export const text = (x: number, y: number, content: string, attributes: Attributes = {}): Html =>
  tag('text', { x, y, fill: INK, 'font-size': 12, ...attributes }, content)

export const path = (points: readonly Point[], attributes: Attributes): Html =>
  tag('path', {
    d: points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${short(x)} ${short(y)}`).join(''),
    ...attributes,
  })

/** The title of a panel in its middle, before it the colour that its loss has in charts. */
export function panelTitle(x: number, y: number, label: string, loss: string): Html {
  const shown = label.length > 30 ? `${label.slice(0, 29)}…` : label
  const attributes = {
    x,
    y,
    fill: INK,
    'text-anchor': 'middle',
    'font-size': 14,
    'font-weight': 600,
  }
  return tag('text', attributes, tag('tspan', { fill: colourOf(loss) }, '■ '), shown)
}

/** A whole drawing. */
export const image = (width: number, height: number, ...children: Content[]): Html =>
  tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      'font-family': FONT,
    },
    ...children,
  )

/** Drawings of one size beside and below each other, `columns` in a row. */
export function grid(
  panels: readonly Content[],
  { width, height, columns }: { width: number; height: number; columns: number },
): Html {
  const rows = Math.ceil(panels.length / columns)
  const placed = panels.map((panel, i) =>
    tag(
      'g',
      { transform: `translate(${(i % columns) * width} ${Math.floor(i / columns) * height})` },
      panel,
    ),
  )
  return image(width * Math.min(columns, panels.length), height * rows, ...placed)
}
