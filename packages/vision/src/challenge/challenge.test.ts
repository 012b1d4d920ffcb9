import { describe, expect, it } from 'vitest'
import { Random } from '../random/random.js'
import { ACTS, type Act, drawActs } from './acts.js'
import { Challenge, type ChallengeLook, type ChallengeOptions } from './challenge.js'
import type { ChallengeVerdict } from './verdict.js'

const DIM = 64
const random = new Random(19)
const person = (): Float32Array => Float32Array.from({ length: DIM }, () => random.normal())
const [ANNA, BERTA] = [person(), person()]

/** A head over the time of an act, 0 to 1: how it goes there and comes back. */
const away = (share: number) => Math.sin(Math.PI * Math.min(1, share)) ** 2

interface Pose {
  readonly yaw: number
  readonly eyes: number
  readonly closed: number
}

const REST: Pose = { yaw: 0.1, eyes: 60, closed: 0.01 }
const acting: Record<Act, (share: number, from: Pose) => Pose> = {
  left: (share, from) => ({ ...from, yaw: REST.yaw + 0.7 * away(share) }),
  right: (share, from) => ({ ...from, yaw: REST.yaw - 0.7 * away(share) }),
  blink: (share, from) => ({ ...from, closed: share > 0.2 && share < 0.7 ? 0.99 : 0.01 }),
  nearer: (share, from) => ({ ...from, eyes: from.eyes * (1 + 0.4 * Math.min(1, share)) }),
}

/** A person before a camera who looks into it, and does what is asked half a second later. */
class Actor {
  private asked: string | null = null
  private since = 0
  private from = REST

  /** @param does what is done where an act is asked */
  constructor(
    private readonly does: (act: Act) => Act | 'nothing' = (act) => act,
    /** Milliseconds that an act takes. */
    private readonly takes = 1500,
  ) {}

  look(ask: string | null, time: number, who = ANNA): ChallengeLook {
    if (ask !== this.asked && ask !== 'front') {
      if (this.asked === 'nearer') this.from = { ...this.from, eyes: this.from.eyes * 1.4 }
      this.asked = ask
      this.since = time
    }
    const act = ACTS.find((one) => one === this.asked)
    const done = act === undefined ? 'nothing' : this.does(act)
    const share = Math.max(0, time - this.since - 500) / this.takes
    const pose = done === 'nothing' ? this.from : acting[done](share, this.from)
    const tremble = () => 0.02 * random.normal()
    const embedding = who.map((value) => value + 0.5 * random.normal())
    return {
      time,
      hint: 'ok',
      face: {
        track: { id: 1, doubted: undefined },
        yaw: pose.yaw + tremble(),
        eyes: pose.eyes * (1 + tremble()),
        closed: pose.closed,
        embedding,
      },
    }
  }
}

interface Play {
  readonly acts?: readonly Act[]
  /** Frames a second. */
  readonly rate?: number
  readonly actor?: Actor
  readonly options?: Partial<ChallengeOptions>
  /** What becomes of a frame: it may be lost. @param done acts that are done */
  readonly change?: (
    look: ChallengeLook,
    done: number,
    ask: string | null,
  ) => ChallengeLook | undefined
}

/** Plays a challenge to its end. */
function play({
  acts = ACTS,
  rate = 15,
  actor = new Actor(),
  options,
  change,
}: Play = {}): ChallengeVerdict {
  const challenge = new Challenge(undefined, { acts, threshold: 0.4, ...options })
  for (let time = 5000; time < 120_000; time += 1000 / rate) {
    const { ask, done, verdict } = challenge.state
    if (verdict) return verdict
    const look = actor.look(ask, time)
    const changed = change ? change(look, done, ask) : look
    if (changed) challenge.update(changed)
  }
  throw new Error('it never ended')
}

const orders = (acts: readonly Act[]): Act[][] =>
  acts.length < 2
    ? [[...acts]]
    : acts.flatMap((act) =>
        orders(acts.filter((other) => other !== act)).map((rest) => [act, ...rest]),
      )

describe('a challenge', () => {
  it.each([
    [5, 3000],
    [10, 1500],
    [30, 1000],
  ])(
    'is passed in every order by who does what is asked, at %d frames a second in %d ms',
    (rate, takes) => {
      for (const acts of orders(ACTS)) {
        const verdict = play({ acts, rate, actor: new Actor((act) => act, takes) })
        expect(verdict).toMatchObject({ passed: true, failure: null })
        expect(verdict.acts.map(({ act }) => act)).toEqual(acts)
        expect(verdict.identity).toMatchObject({ threshold: 0.4, far: null })
        expect(verdict.identity.lowest).toBeGreaterThan(0.4)
        const took = verdict.acts.reduce((sum, act) => sum + act.took, 0)
        expect(verdict.took).toBeGreaterThan(took)
      }
    },
  )

  it('tells what to do, and for how long yet', () => {
    const challenge = new Challenge(undefined, { acts: ['left'], threshold: 0.4, stepTime: 4000 })
    const actor = new Actor()
    const asks: unknown[] = []
    for (let time = 0; challenge.state.ask !== null; time += 50) {
      const { ask, done, of, left } = challenge.update(actor.look(challenge.state.ask, time))
      expect(of).toBe(1)
      expect(left).toBeLessThanOrEqual(ask === 'ready' ? 60_000 : 4000)
      if (ask !== asks.at(-1)) asks.push(ask)
      expect(done).toBe(ask === null ? 1 : 0)
    }
    expect(asks).toEqual(['ready', 'left', 'front', null])
  })

  const attacks: Record<string, readonly [Play, string]> = {
    'a photograph that is only shown': [{ actor: new Actor(() => 'nothing') }, 'late'],
    'another act than the one asked': [
      { actor: new Actor(() => 'left'), acts: ['right', 'left'] },
      'wrong',
    ],
    'the acts in another order': [
      {
        actor: new Actor((act) => (act === 'blink' ? 'nearer' : 'blink')),
        acts: ['blink', 'nearer'],
      },
      'wrong',
    ],
    'another person from the second act on': [
      {
        change: (look, done) =>
          done < 1 ? look : { ...look, face: { ...look.face!, embedding: BERTA } },
      },
      'another',
    ],
    'another person for each turn': [
      {
        acts: ['left'],
        change: (look) =>
          look.face!.yaw < 0.35 ? look : { ...look, face: { ...look.face!, embedding: BERTA } },
      },
      'another|late',
    ],
    'a second person beside': [
      { change: (look, done) => (done < 1 ? look : { ...look, hint: 'alone', face: undefined }) },
      'several',
    ],
    'nobody any more': [
      { change: (look, done) => (done < 1 ? look : { ...look, hint: 'nobody', face: undefined }) },
      'nobody',
    ],
    'a face that is not followed to where it is': [
      {
        change: (look, done) =>
          done < 1
            ? look
            : { ...look, face: { ...look.face!, track: { id: 2, doubted: undefined } } },
      },
      'jumped',
    ],
    'a face that may have been changed for another': [
      {
        change: (look, done) =>
          done < 1
            ? look
            : { ...look, face: { ...look.face!, track: { id: 1, doubted: look.time } } },
      },
      'jumped',
    ],
    'a turned photograph that is put in the place of another': [
      {
        acts: ['left', 'right'],
        actor: new Actor(() => 'nothing'),
        change: (look, _, ask) => {
          const yaw = ask === 'left' ? 0.8 : ask === 'right' ? -0.6 : 0.1
          return { ...look, face: { ...look.face!, yaw } }
        },
      },
      'late',
    ],
    'a large photograph that is put in the place of another': [
      {
        acts: ['nearer'],
        actor: new Actor(() => 'nothing'),
        change: (look, _, ask) => ({
          ...look,
          face: { ...look.face!, eyes: ask === 'nearer' ? 90 : 60 },
        }),
      },
      'late',
    ],
    'eyes that are closed only as long as one blinks unasked': [
      {
        acts: ['blink'],
        change: (look) => ({
          ...look,
          face: { ...look.face!, closed: look.time % 1000 < 250 ? 0.99 : 0 },
        }),
      },
      'late',
    ],
    'a clock that goes back': [
      { change: (look, done) => (done < 1 ? look : { ...look, time: look.time - 20_000 }) },
      'clock',
    ],
    'no clock': [
      { change: (look, done) => (done < 1 ? look : { ...look, time: Number.NaN }) },
      'clock',
    ],
    'frames that are missing': [
      { change: (look, done) => (done === 1 && look.time % 3000 < 1500 ? undefined : look) },
      'gap',
    ],
    'all of it too slow': [{ options: { time: 4000 } }, 'late'],
  }
  it.each(Object.entries(attacks))('is not passed by %s', (_, [given, failure]) => {
    const verdict = play(given)
    expect(verdict.passed).toBe(false)
    expect(verdict.failure).toMatch(new RegExp(`^(${failure})$`))
    expect(verdict.acts.length).toBeLessThan((given.acts ?? ACTS).length)
  })

  it('bears single frames in which the face is not seen, or not recognised', () => {
    let i = 0
    const verdict = play({
      change: (look) => {
        i++
        if (i % 7 === 0) return { ...look, hint: 'nobody', face: undefined }
        return i % 11 === 0 ? { ...look, face: { ...look.face!, embedding: BERTA } } : look
      },
    })
    expect(verdict.failure).toBe(null)
  })

  it('stays as it ended', () => {
    const challenge = new Challenge(undefined, { acts: ['left'], threshold: 0.4 })
    const actor = new Actor()
    challenge.update(actor.look('ready', 1000))
    const { verdict } = challenge.update(actor.look('ready', 500))
    expect(verdict?.failure).toBe('clock')
    for (let time = 1000; time < 9000; time += 50)
      expect(challenge.update(actor.look(challenge.state.ask, time)).verdict).toEqual(verdict)
  })

  it('refuses what it cannot ask, and a model that cannot tell people apart', () => {
    const open = (options: object) => () =>
      new Challenge(undefined, { threshold: 0.4, ...options } as never)
    for (const wrong of [
      { acts: [] },
      { acts: ['jump'] },
      { acts: 'left' },
      { acts: ['left'], stepTime: 0 },
      { acts: ['left'], time: -1 },
      { acts: ['left'], threshold: 2 },
      { acts: ['left'], steps: 3 },
      { acts: ['left'], threshold: undefined },
    ])
      expect(open(wrong), JSON.stringify(wrong)).toThrow(
        expect.objectContaining({ code: 'VISION_USE' }),
      )
  })

  it('draws every order equally often', () => {
    const counts = new Map<string, number>()
    for (let seed = 0; seed < 4800; seed++) {
      const acts = drawActs(new Random(7, seed))
      expect([...acts].sort()).toEqual([...ACTS].sort())
      counts.set(acts.join(), (counts.get(acts.join()) ?? 0) + 1)
    }
    expect(counts.size).toBe(24)
    // 200 of each are expected; chi squared with 23 degrees of freedom is below 49.7 with probability 0.999.
    const chi = [...counts.values()].reduce((sum, n) => sum + (n - 200) ** 2 / 200, 0)
    expect(chi).toBeLessThan(49.7)
  })
})
