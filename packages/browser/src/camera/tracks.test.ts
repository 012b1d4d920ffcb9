import { gradeOf } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import type { CameraFrame } from './events.js'
import type { Identity, SeenFace, SeenFrame } from './messages.js'
import { SeenTracks } from './tracks.js'

const quality = {
  eyes: 40,
  plausibility: 1,
  sharpness: 90,
  noise: 0,
  flat: 0,
  yaw: 0,
  pitch: 0,
  roll: 0,
  brightness: 128,
  contrast: 40,
  sides: 0,
}
const face = (id: number): SeenFace => ({
  id,
  box: { x: 10, y: 20, width: 30, height: 40 },
  points: [{ x: 15, y: 25 }],
  score: 1,
  quality,
  grade: gradeOf(quality),
  rejected: [],
  hint: 'ok',
})
const seen = (ids: readonly number[], more: Partial<SeenFrame> = {}): SeenFrame => ({
  faces: ids.map(face),
  hint: 'ok',
  lost: [],
  ...more,
})
const taken = { width: 1280, height: 720, scale: 0.5, time: 1, took: 2, dropped: 0 }
const embeddedFace = { ...face(1), embedding: Float32Array.of(1) }
const identity: Identity = {
  threshold: 0.4,
  far: 1e-4,
  fpir: 0.01,
  source: 'pairs',
  warning: null,
  searched: { people: 1, faces: 1 },
  matches: [],
}

describe('what the frames of a camera tell', () => {
  it('boxes and points in pixels of the video, in every event', () => {
    const tracks = new SeenTracks()
    const told = tracks.read(
      seen([1], {
        embedded: { id: 1, face: embeddedFace },
        identified: { id: 1, face: embeddedFace, identity },
      }),
      taken,
    )
    expect(told.map(([kind]) => kind)).toEqual(['frame', 'track', 'face', 'identified'])
    const box = { x: 20, y: 40, width: 60, height: 80 }
    const scaled = { box, points: [{ x: 30, y: 50 }] }
    expect(told[0]![1]).toMatchObject({ width: 1280, took: 2, faces: [{ ...scaled, identity }] })
    expect(told[1]![1]).toMatchObject(scaled)
    for (const [, detail] of told.slice(2)) expect(detail).toMatchObject({ id: 1, face: scaled })
  })

  it('a track once; who it is in each frame until it is lost', () => {
    const tracks = new SeenTracks()
    const kinds = (frame: SeenFrame) => tracks.read(frame, taken).map(([kind]) => kind)
    expect(kinds(seen([1, 2]))).toEqual(['frame', 'track', 'track'])
    tracks.read(seen([1, 2], { identified: { id: 2, face: embeddedFace, identity } }), taken)
    const [frame] = tracks.read(seen([1, 2]), taken)
    expect((frame![1] as CameraFrame).faces).toEqual([
      expect.not.objectContaining({ identity }),
      expect.objectContaining({ id: 2, identity }),
    ])
    expect(kinds(seen([], { hint: 'nobody', lost: [2] }))).toEqual(['frame', 'lost'])
    expect(tracks.end()).toEqual([['lost', { id: 1 }]])
    expect(tracks.end()).toEqual([])
  })
})
