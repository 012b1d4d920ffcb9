import type { Photo, Random } from '@arcface/vision'
import { drawPose, type Pose, photograph, placesOf, type Scene, sample } from './camera.js'
import { type FacePlace, unitOf } from './face.js'
import { curveOf, wave } from './waves.js'

/** A screen, and what is mirrored in it. */
interface Screen {
  readonly pose: Pose
  /** Exponent of what it shows, and what is added to black. */
  readonly gamma: number
  readonly glow: number
  readonly white: readonly number[]
  /** Pixels of the screen for one of the picture's: nearly a whole number, which makes moire. */
  readonly pitch: number
  /** How much of the gaps between them the lens still tells. */
  readonly contrast: number
  readonly bezel: number
  readonly frame: readonly number[]
  readonly reflection: Reflection
}

/** A bright window, leaning, with soft edges; shares of the picture. */
interface Reflection {
  readonly left: number
  readonly width: number
  readonly lean: number
  readonly strength: number
}

/** What a screen shows at a moment. */
export interface Shown {
  readonly photo: Photo
  /** How far what it shows has moved, in its pixels. */
  readonly dx: number
  readonly dy: number
  /** Where a dark band stands that a shutter makes, a share of the height; null where there is none. */
  readonly band: number | null
}

export function drawScreen(face: FacePlace, random: Random): Screen {
  const unit = unitOf(face)
  return {
    pose: drawPose(random),
    gamma: random.between(0.8, 1.3),
    glow: random.between(6, 24),
    white: [random.between(0.88, 0.98), random.between(0.94, 1), random.between(1, 1.1)],
    pitch: 1 + (random.chance(0.5) ? 1 : -1) * (random.between(0.02, 0.09) / unit),
    contrast: random.between(0.12, 0.3),
    bezel: random.between(4, 12) * unit,
    frame: [0, 1, 2].map(() => random.between(12, 40)),
    reflection: {
      left: random.between(-0.1, 0.8),
      width: random.between(0.1, 0.3),
      lean: random.between(-0.3, 0.3),
      strength: random.between(20, 75),
    },
  }
}

/** A screen before a camera: its pixels against the camera's (moire), gamma, a lit black, a window mirrored, a dark frame. */
export function photographScreen(
  screen: Screen,
  { photo, dx, dy, band }: Shown,
  random: Random,
): Photo {
  const { pose, gamma, glow, white, pitch, contrast, bezel, frame, reflection } = screen
  const picture = { width: Math.round(photo.width * 1.1), height: Math.round(photo.height * 1.1) }
  const place = placesOf(pose, picture, photo)
  const turns = pitch * pose.scale
  const shown = curveOf((share) => 255 * share ** gamma * (1 - glow / 255))
  const scene: Scene = (x, y, colour) => {
    const [u, v] = place(x, y)
    const beyond = Math.max(-u, u - photo.width, -v, v - photo.height)
    if (beyond > bezel) colour.fill(150)
    else if (beyond > 0) colour.set(frame)
    else {
      sample(photo, u - dx, v - dy, colour)
      const rows = 1 + contrast * 0.5 * wave(turns * v)
      const dark = band === null ? 1 : 1 - 0.22 * bump((y / picture.height - band) / 0.12)
      for (let c = 0; c < 3; c++) {
        // Red, green and blue stand side by side.
        const stripe = 1 + contrast * wave(turns * u - c / 3)
        const light = glow + shown[Math.round(colour[c]!)]! * white[c]!
        colour[c] = light * stripe * rows * dark
      }
    }
    if (beyond > bezel) return
    const across =
      (x / picture.width - reflection.left - reflection.lean * (y / picture.height)) /
      reflection.width
    const light = reflection.strength * bump(2 * across - 1)
    for (let c = 0; c < 3; c++) colour[c]! += light * (1 - colour[c]! / 255)
  }
  const camera = {
    ...picture,
    aperture: 0.5,
    samples: 2,
    noise: random.between(1, 2.5),
    lightX: random.between(-0.06, 0.06),
    lightY: random.between(-0.06, 0.06),
  }
  return photograph(scene, camera, random)
}

/** 1 about 0, 0 from -1 and to 1 on, soft between. */
function bump(t: number): number {
  const near = Math.min(1, Math.max(0, 2 * (1 - Math.abs(t))))
  return near * near * (3 - 2 * near)
}
