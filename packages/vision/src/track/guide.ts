import { VisionError } from '../errors.js'
import type { Quality } from '../quality/quality.js'

/**
 * What a person is to do so that a face is seen well, the first thing first: come nearer, come into the picture, look at
 * the camera, turn to the light, hold still; `ok`: nothing.
 */
export const HINTS = ['nearer', 'inside', 'forward', 'light', 'still', 'ok'] as const
export type Hint = (typeof HINTS)[number]

/** What is known of a face in a frame. */
export interface Look {
  readonly quality: Quality
  /** Sides of the face's box a second, see `Track`. */
  readonly speed: number
  /** Share of the aligned face that lies outside the picture, 0 to 1. */
  readonly outside: number
}

interface Rule {
  readonly hint: Hint
  readonly of: (look: Look) => number
  /** The least that is good, or the most. */
  readonly least?: number
  readonly most?: number
}

/**
 * Stricter than what a face is rejected for; `docs/browser.md` has how many photographs keep each. With eyes 36 pixels apart
 * no pixel of the aligned face is made up.
 */
const rules = {
  eyes: { hint: 'nearer', least: 36, of: ({ quality }) => quality.eyes },
  outside: { hint: 'inside', most: 0.05, of: ({ outside }) => outside },
  plausibility: { hint: 'forward', least: 0.6, of: ({ quality }) => quality.plausibility },
  yaw: { hint: 'forward', most: 0.6, of: ({ quality }) => Math.abs(quality.yaw) },
  pitch: { hint: 'forward', most: 0.65, of: ({ quality }) => Math.abs(quality.pitch) },
  brightness: { hint: 'light', least: 55, of: ({ quality }) => quality.brightness },
  contrast: { hint: 'light', least: 22, of: ({ quality }) => quality.contrast },
  sides: { hint: 'light', most: 0.4, of: ({ quality }) => quality.sides },
  noise: { hint: 'light', most: 1.1, of: ({ quality }) => quality.noise },
  flat: { hint: 'light', most: 0.1, of: ({ quality }) => quality.flat },
  speed: { hint: 'still', most: 1, of: ({ speed }) => speed },
  sharpness: { hint: 'still', least: 75, of: ({ quality }) => quality.sharpness },
} as const satisfies Record<string, Rule>

export type GuideFigure = keyof typeof rules
const figures = Object.keys(rules) as GuideFigure[]

export interface Guidance {
  readonly hint: Hint
  /** The figure that led to it, and what it has to reach or to stay below; none where all is well. */
  readonly because?: {
    readonly figure: GuideFigure
    readonly value: number
    readonly limit: number
  }
}

/** What was amiss is so until it is better than its limit by this share, so that a hint does not flicker. */
const MARGIN = 0.1

/** Tells the person of one track what to do, steadily: what holds only for a moment is not said. */
export class Guide {
  private readonly amiss = new Set<GuideFigure>()
  private shown: Guidance | undefined
  private coming: { readonly hint: Hint; readonly since: number } | undefined

  /** @param hold a new hint is shown when it held for so long, milliseconds @throws VisionError VISION_USE */
  constructor(private readonly hold = 300) {
    if (!(typeof hold === 'number' && hold >= 0))
      throw new VisionError('VISION_USE', `hold: milliseconds, not ${hold}`)
  }

  /** @param time of the frame, milliseconds */
  update(look: Look, time: number): Guidance {
    for (const figure of figures)
      if (isAmiss(figure, look, this.amiss.has(figure))) this.amiss.add(figure)
      else this.amiss.delete(figure)
    const now = guidanceOf(look, this.amiss)
    if (this.shown === undefined || now.hint === this.shown.hint) this.show(now)
    else if (this.coming?.hint !== now.hint) this.coming = { hint: now.hint, since: time }
    if (this.coming && time - this.coming.since >= this.hold) this.show(now)
    return this.shown!
  }

  private show(guidance: Guidance): void {
    this.shown = guidance
    this.coming = undefined
  }
}

/** @param was whether it was amiss in the frame before */
function isAmiss(figure: GuideFigure, look: Look, was: boolean): boolean {
  const rule: Rule = rules[figure]
  const value = rule.of(look)
  // What is not a number is never well.
  return rule.least !== undefined
    ? !(value >= rule.least * (was ? 1 + MARGIN : 1))
    : !(value <= rule.most! * (was ? 1 - MARGIN : 1))
}

function guidanceOf(look: Look, amiss: ReadonlySet<GuideFigure>): Guidance {
  const figure = figures.find((one) => amiss.has(one))
  if (figure === undefined) return { hint: 'ok' }
  const rule: Rule = rules[figure]
  const because = { figure, value: rule.of(look), limit: (rule.least ?? rule.most)! }
  return { hint: rule.hint, because }
}
