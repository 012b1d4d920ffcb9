import type { Margins } from '@arcface/evaluate'
import { useCallback, useState } from 'react'
import { useWords } from '../../language/language.js'
import { OUTSIDE, regionsOf } from './sphere/regions.js'
import { type Brush, drawDot, drawLine, drawOutline, Sphere } from './sphere/sphere.js'
import { centresOf, GRATICULE, START, seen, type Vector } from './sphere/view.js'
import { words } from './words.js'

/** Pixels a side of the regions, which are drawn larger. */
const SIDE = 300

/** The regions of two classes on the sphere, and the arc between their centres. */
export function BoundarySphere({
  margins,
  between,
  told,
}: {
  margins: Margins
  between: number
  told: string
}) {
  const t = useWords(words)
  const [turn, setTurn] = useState(START)
  const paint = useCallback(
    (brush: Brush) => {
      const { colours } = brush
      const [first, second] = centresOf(between)
      drawRegions(brush, [seen(brush.turn, first), seen(brush.turn, second)], margins)
      for (const line of GRATICULE)
        drawLine(brush, line, { colour: colours.line, width: 1, faint: 0 })
      drawOutline(brush)
      drawLine(brush, arcBetween(between), { colour: colours.text, width: 3 })
      drawDot(brush, first, { colour: colours.series[0]!, size: 9, name: 'W₁' })
      drawDot(brush, second, { colour: colours.series[1]!, size: 9, name: 'W₂' })
    },
    [margins, between],
  )
  return (
    <Sphere
      label={`${t.sphereFigure}: ${told}`}
      told={t.sphere}
      {...{ turn, paint }}
      onTurn={setTurn}
    />
  )
}

/** The shortest way, in small steps. */
const arcBetween = (between: number): Vector[] =>
  Array.from({ length: 61 }, (_, i) => {
    const angle = ((i / 60) * 2 - 1) * (between / 2)
    return [Math.sin(angle), Math.cos(angle), 0] as const
  })

const layer = typeof document === 'undefined' ? null : document.createElement('canvas')

function drawRegions(
  { context, radius, middle, colours }: Brush,
  centres: readonly [Vector, Vector],
  margins: Margins,
): void {
  if (!layer) return
  layer.width = SIDE
  layer.height = SIDE
  const pen = layer.getContext('2d')!
  const parts = (colour: string): readonly [number, number, number] => {
    // However the stylesheet writes it, here it reads as #rrggbb.
    pen.fillStyle = colour
    const value = Number.parseInt(String(pen.fillStyle).slice(1), 16)
    return [value >> 16, (value >> 8) & 255, value & 255]
  }
  const picture = new ImageData(SIDE, SIDE)
  const paints = [colours.surface, colours.series[0]!, colours.series[1]!].map(parts)
  regionsOf(SIDE, centres, margins).forEach((holder, i) => {
    if (holder === OUTSIDE) return
    const [red, green, blue] = paints[holder]!
    picture.data.set([red, green, blue, holder === 0 ? 255 : 115], 4 * i)
  })
  pen.putImageData(picture, 0, 0)
  context.drawImage(layer, middle - radius, middle - radius, 2 * radius, 2 * radius)
}
