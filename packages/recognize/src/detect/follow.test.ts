import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cosine, DEFAULT_PACK, FaceFinder, FaceFollower, type Photo } from '@arcface/vision'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmbedder } from '../embedder/open.js'
import { installedPack } from '../models/installed.js'
import { resolveDetector, resolveModel } from '../models/resolve.js'
import { readPhoto } from '../photo/photo.js'
import { Recognizer } from '../recognizer/recognizer.js'
import { openDetector } from './open.js'

// What @arcface/vision does with the frames of a video, on networks: photographs move through frames of 960 x 480.

const shared = fileURLToPath(new URL('../../../../../shared/faces/photos', import.meta.url))
const pack = await installedPack(DEFAULT_PACK)

const [WIDTH, HEIGHT] = [960, 480]

/** A grey frame with photographs at places; what lies outside of it is cut. */
function frame(placed: readonly { photo: Photo; x: number; y: number }[]): Photo {
  const pixels = new Uint8Array(WIDTH * HEIGHT * 3).fill(128)
  for (const { photo, x, y } of placed)
    for (let v = 0; v < photo.height; v++) {
      if (y + v < 0 || y + v >= HEIGHT) continue
      const [from, to] = [Math.max(0, -x), Math.min(photo.width, WIDTH - x)]
      const row = (u: number) => (v * photo.width + u) * 3
      if (from < to)
        pixels.set(photo.pixels.subarray(row(from), row(to)), ((y + v) * WIDTH + x + from) * 3)
    }
  return { width: WIDTH, height: HEIGHT, pixels }
}

describe.skipIf(!pack || !existsSync(shared))('faces of a video', () => {
  let finder: FaceFinder
  let recognizer: Recognizer
  let embedder: Awaited<ReturnType<typeof openEmbedder>>
  const people: Photo[] = []

  beforeAll(async () => {
    const { path, landmarks } = await resolveDetector(undefined, DEFAULT_PACK)
    finder = new FaceFinder(await openDetector(path, { landmarks: landmarks! }))
    const model = await resolveModel(DEFAULT_PACK)
    embedder = await openEmbedder(model.path, { packPreprocessing: model.preprocessing })
    recognizer = await Recognizer.open()
    for (const person of readdirSync(shared).slice(0, 2)) {
      const [first] = readdirSync(join(shared, person)).sort()
      people.push(await readPhoto(join(shared, person, first!)))
    }
  }, 60_000)

  afterAll(() => Promise.all([finder?.close(), embedder?.close(), recognizer?.close()]))

  it('are embedded a few times a track, not a frame; each track is one person', async () => {
    const follower = new FaceFollower(finder, embedder)
    const embedded = new Map<number, Float32Array[]>()
    const places = new Map<number, Set<boolean>>()
    let frames = 0
    for (let i = 0; i < 30; i++, frames++) {
      const photo = frame([
        { photo: people[0]!, x: 3 * i, y: i % 2 },
        { photo: people[1]!, x: 500 + (i % 3), y: 2 * i },
      ])
      const found = await follower.follow(photo, i * 66)
      expect(found.lost).toEqual([])
      for (const { track, box } of found.faces)
        places.set(track.id, (places.get(track.id) ?? new Set()).add(box.x < 400))
      if (found.embedded) {
        const { followed, embedding } = found.embedded
        expect(followed.rejected).toEqual([])
        const { id } = followed.track
        embedded.set(id, [...(embedded.get(id) ?? []), embedding])
      }
    }
    expect([...places.values()].map((sides) => sides.size)).toEqual([1, 1])
    expect(embedded.size).toBe(2)
    for (const [id, all] of embedded) {
      expect(all.length).toBeLessThan(frames / 4)
      const [mine, other] = places.get(id)!.has(true) ? people : [...people].reverse()
      const same = await recognizer.embedOne(mine!)
      const stranger = await recognizer.embedOne(other!)
      for (const embedding of all) {
        expect(cosine(embedding, same.embedding)).toBeGreaterThan(0.9)
        expect(cosine(embedding, stranger.embedding)).toBeLessThan(0.4)
      }
    }
    expect((await follower.follow(frame([]), 30 * 66)).lost).toEqual([])
    const { lost } = await follower.follow(frame([]), 31 * 66 + 1000)
    expect(lost.map(({ id }) => id)).toEqual([...embedded.keys()].sort())
  })

  it("one that takes another one's place is embedded anew, though the track goes on", async () => {
    const follower = new FaceFollower(finder, embedder)
    const embedded: { id: number; embedding: Float32Array }[] = []
    const show = async (photo: Photo, times: readonly number[]) => {
      for (const time of times) {
        const found = await follower.follow(frame([{ photo, x: 200, y: 0 }]), time)
        if (found.embedded)
          embedded.push({
            id: found.embedded.followed.track.id,
            embedding: found.embedded.embedding,
          })
      }
    }
    await show(people[0]!, [0, 60, 120, 180])
    // Nobody is seen for a while that is shorter than the patience with a track.
    for (const time of [300, 700]) await follower.follow(frame([]), time)
    await show(sized(people[1]!, people[0]!), [900, 960, 1020])
    expect(embedded.map(({ id }) => id)).toEqual([1, 1])
    const [first, second] = embedded as [(typeof embedded)[0], (typeof embedded)[0]]
    expect(cosine(first.embedding, second.embedding)).toBeLessThan(0.4)
  })

  it('a person is told to come nearer, and into the picture', async () => {
    const hints = async (x: number, photo: Photo) => {
      const [face] = (
        await new FaceFollower(finder, embedder).follow(frame([{ photo, x, y: 0 }]), 0)
      ).faces
      return face?.guidance
    }
    const whole = people[0]!
    const [face] = await recognizer.detect(whole)
    const { box } = face!
    // A third of it outside on the left.
    const cut = await hints(-Math.round(box.x + box.width / 3), whole)
    expect(cut).toMatchObject({ hint: 'inside', because: { figure: 'outside' } })
    const small = halved(whole)
    expect((await hints(100, small))!.because).toMatchObject({ figure: 'eyes', limit: 36 })
  })
})

/** Cut, or filled with grey, to the size of another one. */
const sized = (photo: Photo, { width, height }: Photo): Photo => {
  const pixels = new Uint8Array(width * height * 3).fill(128)
  for (let y = 0; y < Math.min(height, photo.height); y++) {
    const row = photo.pixels.subarray(
      y * photo.width * 3,
      (y * photo.width + Math.min(width, photo.width)) * 3,
    )
    pixels.set(row, y * width * 3)
  }
  return { width, height, pixels }
}

const halved = ({ width, height, pixels }: Photo): Photo => {
  const [w, h] = [width >> 1, height >> 1]
  const out = new Uint8Array(w * h * 3)
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      for (let c = 0; c < 3; c++) {
        const at = (u: number, v: number) => pixels[((2 * y + v) * width + 2 * x + u) * 3 + c]!
        out[(y * w + x) * 3 + c] = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4
      }
  return { width: w, height: h, pixels: out }
}
