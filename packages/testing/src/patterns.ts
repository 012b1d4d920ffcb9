import type { Photo } from '@arcface/vision'

/** Draws a pattern without a face; the seed decides sizes and phases. */
export type DrawPattern = (seed: number, width: number, height: number) => Photo

/** Patterns that detectors take for faces now and then. */
export const kindsOfPatterns: Readonly<Record<string, DrawPattern>> = {
  stripes: pattern((u) => (x, y) => wave(x * Math.cos(3 * u) + y * Math.sin(3 * u), cell(u))),
  plaid: pattern((u) => (x, y) => (wave(x, cell(u)) + wave(y, cell(1 - u))) / 2),
  rings: pattern((u, width, height) => (x, y) => {
    const distance = Math.hypot(x - width * u, y - height * (1 - u))
    return wave(distance, 4 + 30 * u)
  }),
  dots: pattern((u) => (x, y) => {
    const side = cell(u)
    return Number(Math.hypot((x % side) - side / 2, (y % side) - side / 2) < 0.3 * side)
  }),
}

/** Noise, in which networks with random weights find faces; the seed decides every byte. */
export const noise: DrawPattern = (seed, width, height) => {
  let state = seed * 2654435761 + 1
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  })
  return { width, height, pixels }
}

const cell = (u: number) => 6 + 50 * u
const wave = (at: number, period: number) => (1 + Math.sin((2 * Math.PI * at) / period)) / 2
const fraction = (value: number) => value - Math.floor(value)
/** `make` gives shades from 0 to 1, of a number from 0 to 1 that the seed decides. */
function pattern(
  make: (u: number, width: number, height: number) => (x: number, y: number) => number,
): DrawPattern {
  return (seed, width, height) => {
    const shade = make(fraction(seed * 0.618034), width, height)
    const pixels = new Uint8Array(width * height * 3)
    for (let i = 0; i < width * height; i++)
      pixels.fill(Math.round(255 * shade(i % width, Math.floor(i / width))), 3 * i, 3 * i + 3)
    return { width, height, pixels }
  }
}
