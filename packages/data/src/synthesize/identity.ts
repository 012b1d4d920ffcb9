import type { Random } from '@arcface/vision'

/** 8-bit red, green, blue. */
export type Colour = readonly [number, number, number]

export type HairStyle = 'bald' | 'receding' | 'short' | 'fringe' | 'sidePart' | 'centrePart'

/**
 * What makes a synthetic person. Lengths are in pixels of an aligned face with the origin between the eyes and the mouth
 * (x to the right, y down): the eyes lie near y = -14, the mouth near y = 26.
 */
export interface Identity {
  skin: Colour
  /** Half widths of the head at the cheeks and of the chin; the jaw and the forehead as fractions of the cheeks. */
  face: { width: number; jaw: number; forehead: number; chinWidth: number; chinY: number }
  ears: { size: number; protrusion: number }
  eyes: {
    y: number
    /** Half the distance between the pupils. */
    spacing: number
    width: number
    opening: number
    /** Radians, outer corners up. */
    tilt: number
    iris: Colour
    irisSize: number
    crease: number
    bags: number
  }
  brows: { height: number; thickness: number; length: number; arch: number; tilt: number }
  nose: { tipY: number; width: number; bridge: number; projection: number; nostrils: number }
  mouth: {
    y: number
    width: number
    upper: number
    lower: number
    bow: number
    colour: Colour
  }
  /** Heights of the relief: cheek bones, chin, brow ridge. */
  bones: { cheek: number; chin: number; ridge: number }
  hair: {
    style: HairStyle
    colour: Colour
    lineY: number
    volume: number
    /** 0 above the ears .. 1 on the shoulders. */
    length: number
    curl: number
    side: -1 | 1
  }
  /** Opacities of hair on the upper lip, the chin and the cheeks. */
  beard: { lip: number; chin: number; cheeks: number }
  marks: { x: number; y: number; radius: number }[]
  freckles: { x: number; y: number }[]
  scar: { x: number; y: number; length: number; angle: number } | null
  /** 0 young .. 1 old. */
  age: number
}

const SKINS: Colour[] = [
  [250, 219, 196],
  [240, 200, 165],
  [222, 176, 132],
  [196, 142, 100],
  [150, 101, 66],
  [104, 70, 50],
]
const HAIRS: Colour[] = [
  [26, 20, 18],
  [52, 34, 24],
  [92, 58, 34],
  [140, 96, 54],
  [198, 160, 96],
  [140, 62, 30],
  [150, 148, 146],
]
const IRISES: Colour[] = [
  [48, 28, 16],
  [84, 50, 26],
  [118, 88, 44],
  [92, 110, 70],
  [84, 122, 158],
  [112, 124, 132],
]

/** Draws a person. The same state of `random` gives the same person. */
export function drawIdentity(random: Random): Identity {
  const r = random
  /** Bell-shaped about the middle: most people are near the average, which makes them hard to tell apart. */
  const about = (low: number, high: number) =>
    low + ((high - low) * (r.float() + r.float() + r.float())) / 3
  const tone = r.float() ** 1.3
  const dark = tone > 0.6
  const age = r.float() ** 1.5
  const bearded = r.chance(0.3)
  const long = !bearded && r.chance(0.55)
  const grey = age > 0.75 && r.chance(0.6)
  const hairIndex = grey ? 6 : dark ? r.below(2) : r.below(6)
  return {
    skin: blend(SKINS, tone, r, 9),
    face: {
      width: about(37, 51),
      jaw: about(0.6, 0.98),
      forehead: about(0.78, 1.02),
      chinWidth: about(5, 24),
      chinY: about(43, 62),
    },
    ears: { size: about(7, 15), protrusion: about(-2, 6) },
    eyes: {
      y: about(-18, -10),
      spacing: about(14, 22),
      width: about(5.6, 10.4),
      opening: about(2.2, 5.6),
      tilt: about(-0.24, 0.28),
      iris: jitter(r.pick(dark ? IRISES.slice(0, 2) : IRISES), r, 12),
      irisSize: about(2.8, 4.4),
      crease: r.float(),
      bags: r.float() * (0.3 + 0.7 * age),
    },
    brows: {
      height: about(6.5, 15),
      thickness: about(1, 4.6),
      length: about(7, 13.5),
      arch: about(-1.5, 5.5),
      tilt: about(-0.3, 0.3),
    },
    nose: {
      tipY: about(0, 14),
      width: about(5.2, 13),
      bridge: about(2, 6),
      projection: about(6, 20),
      nostrils: about(0.6, 2.4),
    },
    mouth: {
      y: about(21, 32),
      width: about(8.5, 18.5),
      upper: about(1, 5.4),
      lower: about(1.8, 7.2),
      bow: about(0, 2),
      colour: mixColour(blend(SKINS, tone, r, 6), [176, 62, 70], about(0.15, 0.75)),
    },
    bones: { cheek: about(0, 6), chin: about(0, 8), ridge: about(-1, 5) },
    hair: {
      style: long
        ? r.pick(['fringe', 'sidePart', 'centrePart'] as const)
        : r.pick(['bald', 'receding', 'short', 'short', 'fringe', 'sidePart'] as const),
      colour: jitter(HAIRS[hairIndex]!, r, 12),
      lineY: about(-57, -37),
      volume: about(2, 13),
      length: long ? r.between(0.5, 1) : r.between(0, 0.2),
      curl: r.chance(dark ? 0.6 : 0.25) ? r.between(0.4, 1) : 0,
      side: r.chance(0.5) ? 1 : -1,
    },
    beard: bearded
      ? {
          lip: r.chance(0.75) ? r.between(0.25, 0.85) : 0,
          chin: r.chance(0.75) ? r.between(0.25, 0.85) : 0,
          cheeks: r.chance(0.55) ? r.between(0.15, 0.75) : 0,
        }
      : { lip: 0, chin: 0, cheeks: 0 },
    marks: Array.from({ length: Math.floor(4 * r.float() ** 2) }, () => ({
      x: r.between(-32, 32),
      y: r.between(-34, 40),
      radius: r.between(0.7, 1.7),
    })),
    freckles: r.chance(dark ? 0 : 0.18)
      ? Array.from({ length: 40 }, () => ({ x: 13 * r.normal(), y: 3 + 5 * r.normal() }))
      : [],
    scar: r.chance(0.06)
      ? {
          x: r.between(-28, 28),
          y: r.between(-30, 36),
          length: r.between(6, 14),
          angle: r.between(0, 180),
        }
      : null,
    age,
  }
}

/** The colour at `position` (0 .. 1) of a palette, each channel changed a little. */
function blend(
  palette: readonly Colour[],
  position: number,
  random: Random,
  spread: number,
): Colour {
  const at = Math.min(position, 0.9999) * (palette.length - 1)
  const left = Math.floor(at)
  return jitter(mixColour(palette[left]!, palette[left + 1]!, at - left), random, spread)
}

/** Each channel moved by up to `spread`. */
export function jitter([red, green, blue]: Colour, random: Random, spread: number): Colour {
  const move = (v: number) => Math.min(Math.max(v + random.between(-spread, spread), 0), 255)
  return [move(red), move(green), move(blue)]
}

/** From `a` at 0 to `b` at 1. */
export function mixColour(a: Colour, b: Colour, weight: number): Colour {
  const mix = (i: 0 | 1 | 2) => a[i] + (b[i] - a[i]) * weight
  return [mix(0), mix(1), mix(2)]
}
