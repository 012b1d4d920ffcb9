import type { Random } from '../random/random.js'

/** What a person is asked to do: turn the head to the own left or right, close the eyes for a moment, come nearer. */
export const ACTS = ['left', 'right', 'blink', 'nearer'] as const
export type Act = (typeof ACTS)[number]

/** The acts in a random order; of four there are 24. @param random unforeseeable: seeded by what cryptography draws */
export const drawActs = (random: Random, acts: readonly Act[] = ACTS): readonly Act[] =>
  [...random.permutation(acts.length)].map((i) => acts[i]!)
