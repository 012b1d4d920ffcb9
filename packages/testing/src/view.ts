import type { Photo, Point } from '@arcface/vision'

/** Of the frames. */
const [WIDTH, HEIGHT] = [640, 480]
/** From the camera to the photograph, in distances between the eyes: some 60 cm. */
const FAR = 10
/** Samples along each side of a pixel of the frame. */
const DENSE = 1.5

/** How a photograph is held before the camera, radians; and its size. */
export interface HeldPose {
  readonly yaw?: number
  readonly pitch?: number
  readonly roll?: number
  /** 1: the eyes are a fifth of the frame's height apart. */
  readonly scale?: number
  /** Bent to the shape of a head: a large ball, and a nose before it. */
  readonly relief?: boolean
}

/**
 * A frame in which a photograph is seen by a pinhole camera. Positive `yaw` turns the right side of the picture away.
 * @param points of its face
 */
export function view(photo: Photo, points: readonly Point[], pose: HeldPose): Photo {
  const { yaw = 0, pitch = 0, roll = 0, scale = 1, relief = false } = pose
  const [left, right, nose] = points as [Point, Point, Point]
  const unit = Math.hypot(right.x - left.x, right.y - left.y)
  const middle = { x: (left.x + right.x) / 2, y: (left.y + right.y) / 2 + 0.5 * unit }
  const [cy, sy, cp, sp, cr, sr] = [
    ...[Math.cos(yaw), Math.sin(yaw)],
    ...[Math.cos(pitch), Math.sin(pitch)],
    ...[Math.cos(roll), Math.sin(roll)],
  ] as [number, number, number, number, number, number]
  const focal = 0.2 * HEIGHT * scale * FAR
  const sums = new Float32Array(WIDTH * HEIGHT * 4)
  const depths = new Float32Array(WIDTH * HEIGHT).fill(Infinity)
  const step = unit / (0.2 * HEIGHT * scale * DENSE)
  for (let py = 0; py < photo.height; py += step)
    for (let px = 0; px < photo.width; px += step) {
      const [u, v] = [(px - middle.x) / unit, (py - middle.y) / unit]
      const bulge = relief
        ? heightOf(u, v, (nose.x - middle.x) / unit, (nose.y - middle.y) / unit)
        : 0
      // About an axis behind the face, as a neck turns.
      const z = relief ? bulge - 0.8 : 0
      const [a, b] = [cr * u - sr * v, sr * u + cr * v]
      const [x, back] = [cy * a + sy * z, -sy * a + cy * z]
      const [y, depth] = [cp * b + sp * back, -sp * b + cp * back]
      const far = FAR - depth - (relief ? 0.8 : 0)
      const [tx, ty] = [
        Math.floor(WIDTH / 2 + (focal * x) / far),
        Math.floor(HEIGHT / 2 + (focal * y) / far),
      ]
      if (tx < 0 || ty < 0 || tx >= WIDTH || ty >= HEIGHT) continue
      const at = ty * WIDTH + tx
      if (far > depths[at]! + 0.15) continue
      if (far < depths[at]! - 0.15) sums.fill(0, 4 * at, 4 * at + 4)
      depths[at] = Math.min(depths[at]!, far)
      const from = 3 * (Math.floor(py) * photo.width + Math.floor(px))
      for (let c = 0; c < 3; c++) sums[4 * at + c]! += photo.pixels[from + c]!
      sums[4 * at + 3]!++
    }
  const pixels = new Uint8Array(WIDTH * HEIGHT * 3).fill(120)
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const count = sums[4 * i + 3]!
    if (count > 0) for (let c = 0; c < 3; c++) pixels[3 * i + c] = sums[4 * i + c]! / count
  }
  return { width: WIDTH, height: HEIGHT, pixels }
}

/** Of a head's surface over its picture, in distances between the eyes. */
function heightOf(u: number, v: number, noseX: number, noseY: number): number {
  const ball = Math.sqrt(Math.max(0, 1 - (u / 1.3) ** 2 - (v / 1.8) ** 2))
  const nose = Math.exp(-(((u - noseX) / 0.22) ** 2) - ((v - noseY) / 0.35) ** 2)
  return 0.9 * ball + 0.35 * nose
}

/** The same with the skin above the eyes drawn down over them. @param points of a face that stands upright */
export function withClosedEyes({ width, height, pixels }: Photo, points: readonly Point[]): Photo {
  const out = pixels.slice()
  const [left, right] = points as [Point, Point]
  const unit = right.x - left.x
  for (const eye of [left, right])
    for (let y = Math.ceil(eye.y - 0.26 * unit); y < eye.y + 0.15 * unit; y++)
      for (let x = Math.ceil(eye.x - 0.28 * unit); x < eye.x + 0.28 * unit; x++) {
        const round = Math.sqrt(Math.max(0, 1 - ((x - eye.x) / (0.28 * unit)) ** 2))
        const top = eye.y - 0.26 * unit
        const brim = eye.y - 0.12 * unit * round
        const lid = eye.y + 0.1 * unit * round
        if (y > lid + 0.03 * unit) continue
        const isLash = Math.abs(y - lid) < 0.03 * unit && round > 0.3
        const from = y > lid ? y : Math.round(top + ((y - top) * (brim - top)) / (lid - top))
        for (let c = 0; c < 3; c++)
          out[3 * (y * width + x) + c] = pixels[3 * (from * width + x) + c]! * (isLash ? 0.6 : 1)
      }
  return { width, height, pixels: out }
}
