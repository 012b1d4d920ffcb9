import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type HeldPose, view, withClosedEyes } from '@arcface/testing'
import {
  ACTS,
  type Act,
  type ChallengeVerdict,
  DEFAULT_PACK,
  type Embedder,
  type EyeReader,
  type Face,
  FaceChallenge,
  type FaceChallengeOptions,
  FaceFinder,
  FaceFollower,
  type Photo,
  Random,
} from '@arcface/vision'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDetector } from '../detect/open.js'
import { openEmbedder } from '../embedder/open.js'
import { installedPack } from '../models/installed.js'
import { resolveDetector, resolveModel } from '../models/resolve.js'
import { readPhoto } from '../photo/photo.js'
import { openEyes } from './open.js'

// Photographs that move before a camera, on networks: in relief they stand for a person who turns, flat they are what an
// attacker holds up. Both are simulations: they show that the parts fit together, no rate.

const shared = fileURLToPath(new URL('../../../../../shared/faces/photos', import.meta.url))
const pack = await installedPack(DEFAULT_PACK)
const hasEyes = pack !== undefined && 'fr_eye.onnx' in pack.files

/** A photograph that looks into the camera, and the same with closed eyes. */
interface Sitter {
  readonly open: Photo
  readonly closed: Photo
  readonly face: Face
}

describe.skipIf(!pack || !existsSync(shared))('a challenge before a camera', () => {
  let finder: FaceFinder
  let embedder: Embedder
  let eyes: EyeReader | undefined
  let thresholds: Awaited<ReturnType<typeof resolveModel>>['thresholds']
  const sitters: Sitter[] = []

  beforeAll(async () => {
    const { path, landmarks } = await resolveDetector(undefined, DEFAULT_PACK)
    finder = new FaceFinder(await openDetector(path, { landmarks: landmarks! }))
    const model = await resolveModel(DEFAULT_PACK)
    thresholds = model.thresholds
    embedder = await openEmbedder(model.path, { packPreprocessing: model.preprocessing })
    eyes = await openEyes(DEFAULT_PACK)
    for (const person of readdirSync(shared).sort()) {
      if (sitters.length === 2) break
      for (const name of readdirSync(join(shared, person)).sort()) {
        const open = await readPhoto(join(shared, person, name))
        const [face] = await finder.find(open, { faces: 'largest' })
        if (face === undefined || face.rejected.length > 0) continue
        const { yaw, roll, pitch } = face.quality
        if (Math.abs(yaw) > 0.15 || Math.abs(roll) > 0.1 || Math.abs(pitch) > 0.4) continue
        sitters.push({ open, closed: withClosedEyes(open, face.points), face })
        break
      }
    }
  }, 60_000)
  afterAll(() => Promise.all([finder?.close(), embedder?.close(), eyes?.close()]))

  /** @param shows the frame at a time since what is asked was asked, milliseconds */
  async function play(
    shows: (ask: Act | 'ready' | 'front', since: number, done: number) => Photo,
    options: FaceChallengeOptions = {},
  ): Promise<ChallengeVerdict> {
    const follower = new FaceFollower(finder, embedder, { embed: false })
    const challenge = new FaceChallenge<Photo>(
      { embedder, thresholds, eyes },
      new Random(19),
      options,
    )
    let [asked, since] = ['', 0]
    for (let time = 0; time < 60_000; time += 100) {
      const { ask, done, verdict } = challenge.state
      if (verdict) return verdict
      if (ask !== asked) [asked, since] = [ask!, time]
      const photo = shows(ask!, time - since, done)
      await challenge.update(photo, await follower.follow(photo, time), time)
    }
    throw new Error('it never ended')
  }

  /** What a person does: there in a second, or back. */
  function acting(
    ask: Act | 'ready' | 'front',
    since: number,
    turned: { yaw: number; near: number },
  ) {
    const share = Math.min(1, since / 1000)
    if (ask === 'left' || ask === 'right') turned.yaw = (ask === 'left' ? 0.75 : -0.75) * share
    else turned.yaw *= 0.7
    if (ask === 'nearer') turned.near = Math.max(turned.near, 1 + 0.5 * share)
    return { yaw: turned.yaw, scale: 0.6 * turned.near }
  }

  const acts: readonly Act[] = hasEyes ? ACTS : ['left', 'right', 'nearer']

  it(`is passed by a head that does it: ${acts.join(', ')}`, async () => {
    const { open, closed, face } = sitters[0]!
    const turned = { yaw: 0, near: 1 }
    const verdict = await play((ask, since) => {
      const pose = acting(ask, since, turned)
      return view(ask === 'blink' && since > 300 ? closed : open, face.points, {
        ...pose,
        relief: true,
      })
    })
    expect(verdict).toMatchObject({ passed: true, failure: null })
    expect(verdict.acts.map(({ act }) => act).sort()).toEqual([...acts].sort())
    expect(verdict.identity.far).toBeCloseTo(1e-3, 10)
    expect(verdict.identity.lowest).toBeGreaterThan(verdict.identity.threshold!)
  }, 120_000)

  it('is not passed by a photograph that is waved about', async () => {
    const { open, face } = sitters[0]!
    const turns: Act[] = hasEyes ? ['left', 'blink'] : ['left']
    for (const act of turns) {
      const verdict = await play(
        (ask, since) => {
          const way = ask === 'ready' ? 0 : Math.sin(since / 500)
          const pose: HeldPose = {
            yaw: 0.6 * way,
            roll: 0.2 * way,
            pitch: 0.2 * way,
            scale: 0.6 + 0.1 * way,
          }
          return view(open, face.points, pose)
        },
        { acts: [act], stepTime: 2500 },
      )
      expect(verdict, act).toMatchObject({ passed: false, acts: [] })
    }
  }, 120_000)

  it('is not passed where another photograph takes the place of the first', async () => {
    const [one, other] = sitters as [Sitter, Sitter]
    const turned = { yaw: 0, near: 1 }
    const verdict = await play(
      (ask, since, done) => {
        const { open, face } = done < 1 ? one : other
        return view(open, face.points, { ...acting(ask, since, turned), relief: true })
      },
      { acts: ['left', 'right'] },
    )
    expect(verdict.passed).toBe(false)
    expect(['another', 'jumped']).toContain(verdict.failure)
    expect(verdict.acts.length).toBe(1)
  }, 120_000)

  it.skipIf(!hasEyes)(
    'tells open eyes from closed ones',
    async () => {
      for (const { open, closed } of sitters) {
        const [first] = await finder.find(open, { faces: 'largest' })
        const [second] = await finder.find(closed, { faces: 'largest' })
        expect(await eyes!.closed(first!.pixels)).toBeLessThan(0.2)
        expect(await eyes!.closed(second!.pixels)).toBeGreaterThan(0.95)
      }
    },
    60_000,
  )
})
