import type { Detection } from '@arcface/vision'
import type { CameraEvents, CameraFace } from './events.js'
import type { Identity, SeenFrame, TrackFace } from './messages.js'

/** An event that is to be told. */
export type Told = {
  readonly [K in keyof CameraEvents]: readonly [kind: K, detail: CameraEvents[K]['detail']]
}[keyof CameraEvents]

/** Of a frame that was looked at. */
export interface FrameTaken {
  /** Of the video, pixels. */
  readonly width: number
  readonly height: number
  /** Size of what was looked at over that of the video. */
  readonly scale: number
  /** Milliseconds. */
  readonly time: number
  readonly took: number
  readonly dropped: number
}

/** What is known of the faces before a camera, from its start to its stop. */
export class SeenTracks {
  readonly #ids = new Set<number>()
  readonly #identities = new Map<number, Identity>()

  /** What a frame has to tell, in order. */
  read(seen: SeenFrame, { scale, ...taken }: FrameTaken): Told[] {
    const { hint, because, embedded, identified, lost, challenge } = seen
    if (identified) this.#identities.set(identified.id, identified.identity)
    const faces = seen.faces.map((face): CameraFace => {
      const identity = this.#identities.get(face.id)
      return { ...inVideo(face, scale), ...(identity && { identity }) }
    })
    const news = faces.filter(({ id }) => !this.#ids.has(id))
    for (const { id } of news) this.#ids.add(id)
    const ofVideo = <T extends TrackFace>(one: T): T => ({ ...one, face: inVideo(one.face, scale) })
    return [
      ['frame', { faces, hint, ...(because && { because }), ...taken }],
      ...news.map((face): Told => ['track', face]),
      ...(embedded ? [['face', ofVideo(embedded)] as const] : []),
      ...(identified ? [['identified', ofVideo(identified)] as const] : []),
      ...(challenge ? [['challenge', challenge.state] as const] : []),
      ...this.#lose(lost),
    ]
  }

  /** All are lost. */
  end(): Told[] {
    return this.#lose([...this.#ids])
  }

  #lose(ids: readonly number[]): Told[] {
    return ids.map((id): Told => {
      this.#identities.delete(id)
      this.#ids.delete(id)
      return ['lost', { id }]
    })
  }
}

/** A face that was seen in a smaller picture, in pixels of the video. */
function inVideo<Face extends Detection>(face: Face, scale: number): Face {
  const { box, points } = face
  return {
    ...face,
    box: {
      x: box.x / scale,
      y: box.y / scale,
      width: box.width / scale,
      height: box.height / scale,
    },
    points: points.map(({ x, y }) => ({ x: x / scale, y: y / scale })),
  }
}
