/** What of the map is seen: the place in the middle of the picture, and pixels a unit. */
export interface View {
  readonly x: number
  readonly y: number
  readonly scale: number
}

/** In CSS pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

const MARGIN = 0.92

/** All points: rows of two numbers. */
export function viewOfAll(points: Float32Array, { width, height }: Size): View {
  if (points.length === 0) return { x: 0, y: 0, scale: 1 }
  const [low, high] = [
    [Infinity, Infinity],
    [-Infinity, -Infinity],
  ] as [number[], number[]]
  for (let i = 0; i < points.length; i++) {
    const value = points[i]!
    low[i % 2] = Math.min(low[i % 2]!, value)
    high[i % 2] = Math.max(high[i % 2]!, value)
  }
  const [wide, tall] = [high[0]! - low[0]!, high[1]! - low[1]!]
  // A single point has no extent.
  const scale = MARGIN * Math.min(width / (wide || 1), height / (tall || 1))
  return { x: (low[0]! + high[0]!) / 2, y: (low[1]! + high[1]!) / 2, scale }
}

/** Where a pixel, counted from the upper left, lies on the map; its y grows upwards. */
export const placeOf = (view: View, { width, height }: Size, px: number, py: number) => ({
  x: view.x + (px - width / 2) / view.scale,
  y: view.y - (py - height / 2) / view.scale,
})

export const pixelOf = (view: View, { width, height }: Size, x: number, y: number) => ({
  px: width / 2 + (x - view.x) * view.scale,
  py: height / 2 - (y - view.y) * view.scale,
})

export const panned = (view: View, dx: number, dy: number): View => ({
  ...view,
  x: view.x - dx / view.scale,
  y: view.y + dy / view.scale,
})

/** Nearer by a factor, with the place under a pixel where it is. */
export function zoomed(view: View, size: Size, factor: number, px: number, py: number): View {
  const { x, y } = placeOf(view, size, px, py)
  const scale = view.scale * factor
  return { x: x - (px - size.width / 2) / scale, y: y + (py - size.height / 2) / scale, scale }
}
