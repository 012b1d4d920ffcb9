import type { Photo, Random } from '@arcface/vision'
import { byte } from './camera.js'
import { type FacePlace, unitOf } from './face.js'
import { drawScreen, photographScreen } from './screen.js'

/** Frames of a video that is shown on a screen: compressed, the face moves a little, a band of the shutter wanders. */
export function replayRecapture(
  photo: Photo,
  face: FacePlace,
  random: Random,
  frames = 3,
): Photo[] {
  const unit = unitOf(face)
  const screen = drawScreen(face, random)
  const video = compressed(photo)
  const [sway, phase] = [random.between(0.8, 2.5) * unit, random.between(0, 2 * Math.PI)]
  const [start, speed] = [random.float(), random.between(0.15, 0.45)]
  return Array.from({ length: frames }, (_, i) => {
    // A hand is never still.
    const pose = { ...screen.pose, angle: screen.pose.angle + random.between(-0.004, 0.004) }
    const shown = {
      photo: video,
      dx: sway * Math.sin(phase + i),
      dy: 0.5 * sway * Math.cos(phase + 1.3 * i),
      band: (start + speed * i) % 1,
    }
    return photographScreen({ ...screen, pose }, shown, random)
  })
}

/** Colour in blocks of 4 x 4, as videos have it, and brightness in steps. */
function compressed({ width, height, pixels }: Photo): Photo {
  const out = new Uint8Array(pixels.length)
  const grey = (i: number) => 0.299 * pixels[i]! + 0.587 * pixels[i + 1]! + 0.114 * pixels[i + 2]!
  for (let top = 0; top < height; top += 4)
    for (let left = 0; left < width; left += 4) {
      const block: number[] = []
      for (let y = top; y < Math.min(top + 4, height); y++)
        for (let x = left; x < Math.min(left + 4, width); x++) block.push((y * width + x) * 3)
      const mean = [0, 1, 2].map(
        (c) => block.reduce((sum, i) => sum + pixels[i + c]! - grey(i), 0) / block.length,
      )
      for (const i of block)
        for (let c = 0; c < 3; c++) out[i + c] = byte(6 * Math.round(grey(i) / 6) + mean[c]!)
    }
  return { width, height, pixels: out }
}
