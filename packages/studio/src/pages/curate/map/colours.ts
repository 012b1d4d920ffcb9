import type { SuspectPoints } from '@arcface/evaluate'
import type { Colours } from '../../../theme/theme.js'

export const COLOUR_BY = ['person', 'error', 'quality'] as const
export type ColourBy = (typeof COLOUR_BY)[number] | `group:${string}`

/** The column of groups by which colours are; undefined for another way. */
export const columnOf = (by: ColourBy): string | undefined =>
  by.startsWith('group:') ? by.slice(6) : undefined

/** The groups of a column, the largest first, each with the colour of its points. */
export function groupColours(
  points: SuspectPoints,
  column: string,
  theme: Colours,
): Map<string, string> {
  const counts = new Map<string, number>()
  for (const group of points.groups[column] ?? [])
    if (group !== '') counts.set(group, (counts.get(group) ?? 0) + 1)
  const names = [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name)
  return new Map(names.map((name, i) => [name, theme.series[i % theme.series.length]!]))
}

type Rgb = readonly [number, number, number]

/** A face of this sharpness and more is as green as can be. */
const SHARP = 1000
const BLURRED = 50

/** Red, green, blue and opacity of each row. */
export function coloursOf(
  points: SuspectPoints,
  rows: Int32Array,
  by: ColourBy,
  theme: Colours,
  isDark: boolean,
): Uint8Array<ArrayBuffer> {
  const [good, bad, plain] = [theme.good, theme.bad, theme.muted].map(rgbOf) as [Rgb, Rgb, Rgb]
  const column = columnOf(by)
  const groups =
    column !== undefined &&
    new Map(
      Array.from(groupColours(points, column, theme), ([name, hex]) => [name, rgbOf(hex)] as const),
    )
  const of = (row: number): Rgb => {
    if (groups) return groups.get(points.groups[column!]![row]!) ?? plain
    if (by === 'person') return ofPerson(points.person[row]!, isDark)
    if (by === 'quality') {
      if (points.rejected[row] !== '') return bad
      const share = Math.log(points.sharpness[row]! / BLURRED) / Math.log(SHARP / BLURRED)
      return between(plain, good, share)
    }
    const [own, nearest] = [points.own[row], points.nearest[row]]
    return own != null && nearest != null && own > nearest ? bad : plain
  }
  const colours = new Uint8Array(4 * rows.length)
  for (const [i, row] of rows.entries()) {
    colours.set(of(row), 4 * i)
    colours[4 * i + 3] = 255
  }
  return colours
}

/** The golden angle: of people with numbers near to each other the hues lie far apart. */
const GOLDEN = 137.508

function ofPerson(person: number, isDark: boolean): Rgb {
  const hue = (person * GOLDEN) % 360
  const light = (isDark ? 0.58 : 0.38) + 0.08 * (person % 3)
  // HSL to RGB with a saturation of 0.65 (CSS Color 4, 7.1).
  const reach = 0.65 * Math.min(light, 1 - light)
  const channel = (n: number) => {
    const k = (n + hue / 30) % 12
    return Math.round(255 * (light - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))))
  }
  return [channel(0), channel(8), channel(4)]
}

const between = (a: Rgb, b: Rgb, share: number): Rgb => {
  const s = Math.max(0, Math.min(1, share))
  return a.map((value, i) => Math.round(value + s * (b[i]! - value))) as unknown as Rgb
}

/** Of `#rrggbb`. */
const rgbOf = (hex: string): Rgb =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb
