import type { Photo, Random } from '@arcface/vision'
import { drawPose, photograph, placesOf, type Scene, sample } from './camera.js'
import type { FacePlace } from './face.js'
import { unitOf } from './face.js'
import { grain } from './grain.js'
import { curveOf, wave } from './waves.js'

/** Angles of the screens of cyan, magenta and yellow, in radians: apart, so that their dots make no pattern. */
const ANGLES = [15, 75, 0].map((degrees) => (degrees * Math.PI) / 180)
const INK = [28, 30, 34]

/** A sheet with a photograph printed in dots of three inks: the colour at a place of the photograph. */
export function printed(photo: Photo, unit: number, random: Random): Scene {
  // Dots a pixel of a face of 100 pixels: a cheap printer's.
  const frequency = random.between(0.55, 1.1) / unit
  const gain = random.between(0.75, 0.95)
  const paper = [random.between(240, 252), random.between(238, 250), random.between(226, 244)]
  const fibre = grain(random)
  const ink = curveOf((share) => (1 - share) ** gain)
  const turns = ANGLES.map((angle) => {
    const turn = angle + random.between(-0.05, 0.05)
    return [frequency * Math.cos(turn), frequency * Math.sin(turn)]
  }) as [number, number][]
  return (x, y, colour) => {
    sample(photo, x, y, colour)
    const texture = 1 + 0.03 * fibre((2 * x) / unit, (2 * y) / unit)
    for (let c = 0; c < 3; c++) {
      const [across, down] = turns[c]!
      // Ordered dither: ink where there is more of it than the screen's threshold here.
      const threshold = 0.5 + 0.25 * (wave(across * x + down * y) + wave(across * y - down * x))
      const isInked = ink[Math.round(colour[c]!)]! > threshold
      colour[c] = (isInked ? INK[c]! : paper[c]!) * texture
    }
  }
}

/** A print held before a camera: dithered ink on paper with a white border, a little askew, before a plain wall. */
export function printRecapture(photo: Photo, face: FacePlace, random: Random): Photo {
  const unit = unitOf(face)
  const sheet = printed(photo, unit, random)
  const white = printed({ width: 1, height: 1, pixels: Uint8Array.of(255, 255, 255) }, unit, random)
  const border = random.between(4, 14) * unit
  const wall = [0, 1, 2].map(() => random.between(60, 200))
  const picture = { width: Math.round(photo.width * 1.15), height: Math.round(photo.height * 1.15) }
  const place = placesOf(drawPose(random), picture, photo)
  const scene: Scene = (x, y, colour) => {
    const [u, v] = place(x, y)
    const beyond = Math.max(-u, u - photo.width, -v, v - photo.height)
    if (beyond <= 0) sheet(u, v, colour)
    else if (beyond <= border) white(u, v, colour)
    else colour.set(wall)
  }
  const camera = {
    ...picture,
    aperture: random.between(1.2, 1.8),
    samples: 3,
    noise: random.between(1.5, 3.5),
    lightX: random.between(-0.15, 0.15),
    lightY: random.between(-0.15, 0.15),
  }
  return photograph(scene, camera, random)
}
