import type { Photo } from '../image/photo.js'
import type { FollowedFace } from './follower.js'
import type { Guidance, Hint } from './guide.js'

/** What stands in the way of a picture of one person; `nobody` is there, or several are; else what the one is told. */
export type SceneHint = Hint | 'nobody' | 'alone'

export interface Scene {
  readonly hint: SceneHint
  readonly because?: Guidance['because']
  /** The person whom the hint is for. */
  readonly face?: FollowedFace
}

/** What is to be told to who stands before the camera. Faces that are too poor to be recognised, far behind, do not count. */
export function sceneOf(faces: readonly FollowedFace[]): Scene {
  const likely = faces.filter(({ rejected }) => !rejected.includes('implausible'))
  const [face] = likely.sort((a, b) => b.quality.eyes - a.quality.eyes)
  if (face === undefined) return { hint: 'nobody' }
  const others = likely.filter((one) => one !== face && one.rejected.length === 0)
  return others.length > 0 ? { hint: 'alone' } : { ...face.guidance, face }
}

/** The best picture of one person. */
export interface Captured {
  /** The whole frame. */
  readonly photo: Photo
  readonly face: FollowedFace
}

/** How long all has to be well, milliseconds. */
const STEADY = 600

/** Waits until one person was seen well for a while, and keeps the best frame of that while. */
export class Capture {
  private since: number | undefined
  private best: Captured | undefined

  /** @param time of the frame, milliseconds @returns the best frame, once it is there */
  update(photo: Photo, { hint, face }: Scene, time: number): Captured | undefined {
    if (face === undefined || hint !== 'ok' || face.rejected.length > 0) {
      this.restart()
      return undefined
    }
    // Another person begins anew.
    if (this.best?.face.track.id !== face.track.id) this.restart()
    this.since ??= time
    if (this.best === undefined || face.goodness > this.best.face.goodness)
      this.best = { photo, face }
    return time - this.since >= STEADY ? this.best : undefined
  }

  private restart(): void {
    this.since = undefined
    this.best = undefined
  }
}
