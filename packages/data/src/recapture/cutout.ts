import type { Photo, Random } from '@arcface/vision'
import { photograph, type Scene, sample } from './camera.js'
import { type FacePlace, unitOf } from './face.js'
import { printed } from './print.js'

/**
 * A printed face cut out and held before somebody's own, the eyes cut out too: outside and in the holes is the photograph
 * itself, in the holes in the paper's shadow.
 */
export function cutoutRecapture(photo: Photo, face: FacePlace, random: Random): Photo {
  const { box, points } = face
  const unit = unitOf(face)
  const print = printed(photo, unit, random)
  const [eye, other] = points as readonly [(typeof points)[0], (typeof points)[0]]
  const apart = Math.hypot(other.x - eye.x, other.y - eye.y)
  const hole = { x: apart * random.between(0.2, 0.26), y: apart * random.between(0.11, 0.15) }
  const [dx, dy] = [random.between(-2, 2) * unit, random.between(-2, 2) * unit]
  const edge = random.between(0.008, 0.016) * 100 * unit
  const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  const scene: Scene = (x, y, colour) => {
    const across = (x - centre.x) / (0.54 * box.width)
    const down = (y - centre.y) / (0.56 * box.height)
    const outside = (Math.hypot(across, down) - 1) * 0.5 * box.width
    if (outside > edge) return sample(photo, x, y, colour)
    if (outside > 0) return void colour.fill(235) // the cut edge of the paper
    for (const { x: cx, y: cy } of [eye, other])
      if (Math.hypot((x - cx) / hole.x, (y - cy) / hole.y) < 1) {
        // Somebody else's eyes do not lie where the printed ones do.
        sample(photo, x - dx, y - dy, colour)
        for (let c = 0; c < 3; c++) colour[c]! *= 0.72
        return
      }
    print(x, y, colour)
  }
  const camera = {
    width: photo.width,
    height: photo.height,
    aperture: random.between(1.2, 1.6),
    samples: 3,
    noise: random.between(1.5, 3),
    lightX: random.between(-0.08, 0.08),
    lightY: random.between(-0.08, 0.08),
  }
  return photograph(scene, camera, random)
}
