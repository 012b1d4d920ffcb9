import { areaOf, type Box, overlap } from '../detect/detection.js'
import { VisionError } from '../errors.js'

/** A face through the frames of a video. */
export interface Track {
  /** From 1; never a second time from the same tracker. */
  readonly id: number
  /** Where it was seen last, pixels. */
  readonly box: Box
  /** When it was seen first and last, milliseconds of the frames' clock. */
  readonly began: number
  readonly seen: number
  /** In how many frames it was seen. */
  readonly sightings: number
  /** How fast it moves, sides of its box a second. */
  readonly speed: number
  /** The last time at which it may have been taken for another's: two faces were as near, or it was away. */
  readonly doubted: number | undefined
}

export interface TrackerOptions {
  /**
   * A track ends when its face was not seen for longer, milliseconds; one of the last frame only after five times as long,
   * for frames may be slow. Default 1000.
   */
  readonly patience?: number | undefined
}

/** What became of the tracks in a frame. */
export interface TrackedFrame<Face> {
  /** Of each face its track, in the order of the faces. */
  readonly tracks: readonly { readonly track: Track; readonly face: Face }[]
  /** Tracks that ended. */
  readonly lost: readonly Track[]
}

interface Held extends Track {
  /** Of the middle, pixels a millisecond. */
  readonly velocity: { readonly x: number; readonly y: number }
}

/** Boxes of one face in two frames: their sides differ by no larger factor. */
const GROWTH = 2
/** What the nearness of one that was not seen in the last frame counts for: another may stand before it. */
const HIDDEN = 0.7
/** A second way to pair that is so nearly as good leaves doubt. */
const NEARLY = 0.7
/** Below this overlap with where it was expected a face that was away may be another's. */
const CERTAIN = 0.3
/** Patience with what was seen in the last frame: that one may have taken long, or the page was hidden. */
const SLOW = 5
/** How far ahead a movement is trusted, milliseconds. */
const AHEAD = 400
/** Share of a new velocity; the rest is the one before, for boxes tremble. */
const NEW = 0.5

/**
 * Follows faces from frame to frame: each goes to the track whose expected place it is nearest to, the nearest pair first,
 * and one that is near to none begins a track. A face that is hidden for a while moves on meanwhile as it did before, so
 * that two which cross keep their numbers. Nobody is recognised here: what is `doubted` may be another person from then on.
 */
export class Tracker {
  private held: readonly Held[] = []
  private last = 0
  private time = -Infinity
  private readonly patience: number

  /** @throws VisionError VISION_USE */
  constructor({ patience = 1000 }: TrackerOptions = {}) {
    if (!(typeof patience === 'number' && patience >= 0))
      throw new VisionError('VISION_USE', `patience: milliseconds, not ${patience}`)
    this.patience = patience
  }

  /**
   * @param faces of one frame, in pixels of frames that are all of one size
   * @param time of the frame, milliseconds; not before the last one's
   * @throws VisionError VISION_USE
   */
  update<Face extends { readonly box: Box }>(
    faces: readonly Face[],
    time: number,
  ): TrackedFrame<Face> {
    if (!(Number.isFinite(time) && time >= this.time))
      throw new VisionError('VISION_USE', `time: milliseconds, none before ${this.time}: ${time}`)
    const before = this.time
    this.time = time
    const [alive, lost] = divided(
      this.held,
      ({ seen }) => time - seen <= (seen === before ? SLOW : 1) * this.patience,
    )
    const found = new Map<number, Held>()
    const taken = new Set<Held>()
    const pairs = pairsOf(alive, faces, before, time)
    for (const { track, i, near } of pairs) {
      if (found.has(i) || taken.has(track)) continue
      const rival = pairs.some(
        (other) => (other.track === track) !== (other.i === i) && other.near > NEARLY * near,
      )
      const away = time - track.seen > (track.seen === before ? this.patience : AHEAD)
      found.set(i, moved(track, faces[i]!.box, time, rival || away))
      taken.add(track)
    }
    const tracks = faces.map((face, i) => ({
      face,
      track: found.get(i) ?? this.begin(face.box, time),
    }))
    this.held = [...alive.filter((track) => !taken.has(track)), ...tracks.map(({ track }) => track)]
    return { tracks, lost }
  }

  private begin(box: Box, time: number): Held {
    const id = ++this.last
    const velocity = { x: 0, y: 0 }
    return {
      id,
      box,
      began: time,
      seen: time,
      sightings: 1,
      speed: 0,
      doubted: undefined,
      velocity,
    }
  }
}

const sideOf = (box: Box) => Math.sqrt(areaOf(box))
const middleOf = ({ x, y, width, height }: Box) => ({ x: x + width / 2, y: y + height / 2 })

/** Where a face is by now if it moves as it did. */
function ahead({ box, velocity, seen }: Held, time: number): Box {
  const passed = Math.min(time - seen, AHEAD)
  return { ...box, x: box.x + velocity.x * passed, y: box.y + velocity.y * passed }
}

/** How well two boxes frame the same face: from 2 for the same box to 0 for one that is a side away, or of another size. */
function nearness(a: Box, b: Box): number {
  const [first, second] = [sideOf(a), sideOf(b)]
  if (!(first > 0 && second > 0 && first <= GROWTH * second && second <= GROWTH * first)) return 0
  const [from, to] = [middleOf(a), middleOf(b)]
  const distance = Math.hypot(to.x - from.x, to.y - from.y) / ((first + second) / 2)
  return Math.max(0, 1 - distance) + overlap(a, b)
}

interface Pair {
  readonly track: Held
  /** Of the face. */
  readonly i: number
  readonly near: number
}

/** Tracks and faces that may belong together, the nearest first. */
function pairsOf(
  tracks: readonly Held[],
  faces: readonly { readonly box: Box }[],
  before: number,
  time: number,
): Pair[] {
  const pairs = tracks.flatMap((track) => {
    const expected = ahead(track, time)
    const share = track.seen < before ? HIDDEN : 1
    return faces.map(({ box }, i) => ({ track, i, near: share * nearness(expected, box) }))
  })
  return pairs.filter(({ near }) => near > 0).sort((a, b) => b.near - a.near)
}

/** @param ambiguous whether the face may be another's */
function moved(track: Held, box: Box, time: number, ambiguous: boolean): Held {
  const passed = time - track.seen
  const [from, to] = [middleOf(track.box), middleOf(box)]
  const mixed = (before: number, way: number) =>
    passed === 0 ? before : (1 - NEW) * before + NEW * (way / passed)
  const velocity = {
    x: mixed(track.velocity.x, to.x - from.x),
    y: mixed(track.velocity.y, to.y - from.y),
  }
  const doubtful = ambiguous || overlap(ahead(track, time), box) < CERTAIN
  return {
    ...track,
    box,
    seen: time,
    sightings: track.sightings + 1,
    speed: (1000 * Math.hypot(velocity.x, velocity.y)) / sideOf(box),
    doubted: doubtful ? time : track.doubted,
    velocity,
  }
}

function divided<T>(all: readonly T[], is: (one: T) => boolean): [T[], T[]] {
  return [all.filter(is), all.filter((one) => !is(one))]
}
