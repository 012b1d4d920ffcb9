import type { Photo, Random } from '@arcface/vision'

/** Red, green and blue, 0 to 255, of what lies before the camera at a place of the picture (pixels; not whole). */
export type Scene = (x: number, y: number, colour: Float64Array) => void

/** Where something flat lies before the camera. */
export interface Pose {
  /** Radians, clockwise. */
  readonly angle: number
  /** Pixels of the picture for one of what lies there. */
  readonly scale: number
  /** How much nearer the right and the lower edge are than the middle: 0.05 is a twentieth. */
  readonly tiltX: number
  readonly tiltY: number
}

export interface Camera {
  readonly width: number
  readonly height: number
  /** Side of the square that a pixel gathers light from, in pixels: more than 1 is out of focus. */
  readonly aperture: number
  /** Samples along this side. */
  readonly samples: number
  /** Standard deviation of each value, of 255. */
  readonly noise: number
  /** How much brighter or darker than the middle the right and the lower edge are. */
  readonly lightX: number
  readonly lightY: number
}

/** A photograph of a scene. */
export function photograph(scene: Scene, camera: Camera, random: Random): Photo {
  const { width, height, aperture, samples, noise, lightX, lightY } = camera
  const pixels = new Uint8Array(width * height * 3)
  const [colour, sum] = [new Float64Array(3), new Float64Array(3)]
  const step = aperture / samples
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++, to += 3) {
      sum.fill(0)
      for (let j = 0; j < samples; j++)
        for (let i = 0; i < samples; i++) {
          scene(
            x + 0.5 + (i + 0.5 - samples / 2) * step,
            y + 0.5 + (j + 0.5 - samples / 2) * step,
            colour,
          )
          for (let c = 0; c < 3; c++) sum[c]! += colour[c]!
        }
      const light =
        (1 + lightX * ((2 * x) / width - 1) + lightY * ((2 * y) / height - 1)) / samples ** 2
      for (let c = 0; c < 3; c++) pixels[to + c] = byte(sum[c]! * light + noise * random.normal())
    }
  return { width, height, pixels }
}

/** A hand-held camera before something flat. */
export const drawPose = (random: Random): Pose => ({
  angle: random.between(-0.06, 0.06),
  scale: random.between(0.95, 1.05),
  tiltX: random.between(-0.05, 0.05),
  tiltY: random.between(-0.05, 0.05),
})

/** From places of the picture to those of something flat, of which the middle is in the middle; both in pixels. */
export function placesOf(
  { angle, scale, tiltX, tiltY }: Pose,
  picture: { readonly width: number; readonly height: number },
  flat: { readonly width: number; readonly height: number },
): (x: number, y: number) => readonly [number, number] {
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale]
  return (x, y) => {
    const [right, down] = [x - picture.width / 2, y - picture.height / 2]
    const depth = 1 + (tiltX * right) / picture.width + (tiltY * down) / picture.height
    return [
      (cos * right + sin * down) / depth + flat.width / 2,
      (cos * down - sin * right) / depth + flat.height / 2,
    ]
  }
}

/** The colour of a photograph at a place, between pixels in proportion; beyond its border that of the nearest. */
export function sample(
  { width, height, pixels }: Photo,
  x: number,
  y: number,
  colour: Float64Array,
) {
  const column = Math.min(Math.max(x - 0.5, 0), width - 1)
  const row = Math.min(Math.max(y - 0.5, 0), height - 1)
  const [left, top] = [Math.floor(column), Math.floor(row)]
  const [wx, wy] = [column - left, row - top]
  const a = (top * width + left) * 3
  const b = left + 1 < width ? a + 3 : a
  const down = top + 1 < height ? width * 3 : 0
  for (let c = 0; c < 3; c++)
    colour[c] =
      (pixels[a + c]! * (1 - wx) + pixels[b + c]! * wx) * (1 - wy) +
      (pixels[a + down + c]! * (1 - wx) + pixels[b + down + c]! * wx) * wy
}

export const byte = (value: number): number => Math.min(255, Math.max(0, Math.round(value)))
