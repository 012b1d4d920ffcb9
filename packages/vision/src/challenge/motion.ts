import type { Act } from './acts.js'

/** What a frame tells of the head of the person. */
export interface HeadLook {
  /** Radians, see `Pose`. */
  readonly yaw: number
  /** Distance between the eyes, pixels. */
  readonly eyes: number
  /** That both eyes are closed, 0 to 1; undefined where no network of eyes is at hand. */
  readonly closed: number | undefined
}

/** So far has a head turned, radians; a photograph that is turned by 34 degrees feigns 0.2 at most, see `docs/trust.md`. */
const TURN = 0.45
/** Up to here it looks into the camera. */
const FRONT = 0.2
/** A head that turns is seen between the two, and does not turn farther than this from a frame to the next. */
const STEP = 0.4
/** So much larger has a face become that came nearer. */
const NEARER = 1.3
/** From here on it is on its way there. */
const SLIGHTLY = 1.1
/** It does not grow by more from a frame to the next. */
const GROWTH = 1.16
/** Eyes are closed above, and open below. */
const CLOSED = 0.95
const OPEN = 0.5
/** For so long, milliseconds: longer than anybody blinks unasked. */
const SHUT = 400
/** What is done against what was asked is seen in so many frames, for points tremble. */
const WRONG = 2

/** Whether eyes are not clearly open; where nobody looks at them they are. */
export const isClosed = ({ closed = 0 }: HeadLook): boolean => closed >= OPEN

/** A movement that counts only where it was seen all along: its start, something of its way, its end, and no jump. */
class Way {
  private reached: 'start' | 'way' | undefined = 'start'

  isSeen(place: 'start' | 'way' | 'end', isJump: boolean): boolean {
    if (place === 'start') this.reached = 'start'
    else if (isJump) this.reached = undefined
    else if (place === 'way') this.reached &&= 'way'
    return place === 'end' && this.reached === 'way'
  }
}

/** What a head does in a step, against how it was when the step began. */
export class Motion {
  private last: HeadLook
  private readonly turning = new Way()
  private readonly nearing = new Way()
  private closedSince: number | undefined
  private against = 0

  constructor(private readonly first: HeadLook) {
    this.last = first
  }

  /** @returns the acts that are seen now */
  update(look: HeadLook, time: number): ReadonlySet<Act> {
    const turned = look.yaw - this.first.yaw
    const grown = look.eyes / this.first.eyes
    const isFront = this.isFront(look)
    const step = Math.max(look.eyes / this.last.eyes, this.last.eyes / look.eyes)
    const turns = this.turning.isSeen(
      isFront ? 'start' : Math.abs(turned) < TURN ? 'way' : 'end',
      Math.abs(look.yaw - this.last.yaw) > STEP,
    )
    const nears = this.nearing.isSeen(
      grown < SLIGHTLY ? 'start' : grown < NEARER ? 'way' : 'end',
      step > GROWTH,
    )
    this.last = look
    this.watchEyes(look, isFront, time)
    const seen = new Set<Act>()
    if (turns) seen.add(turned > 0 ? 'left' : 'right')
    if (nears && isFront) seen.add('nearer')
    if (this.closedSince !== undefined && time - this.closedSince >= SHUT) seen.add('blink')
    return seen
  }

  /** Whether the head does another act than the one asked, for more than a frame. */
  isAgainst(asked: Act, seen: ReadonlySet<Act>): boolean {
    const others = [...seen].some((act) => act !== asked)
    this.against = others ? this.against + 1 : 0
    return this.against >= WRONG
  }

  isFront({ yaw }: HeadLook): boolean {
    return Math.abs(yaw - this.first.yaw) <= FRONT
  }

  /** Of a head that is turned nobody can tell. */
  private watchEyes(look: HeadLook, isFront: boolean, time: number): void {
    if (!isFront || !isClosed(look)) this.closedSince = undefined
    else if (look.closed! > CLOSED) this.closedSince ??= time
  }
}
