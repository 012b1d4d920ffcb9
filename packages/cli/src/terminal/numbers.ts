// Numbers as a command line gives them. An empty word, which Number takes for 0, is none of them.

import { InvalidArgumentError } from 'commander'

function numberOf(text: string, fits: (value: number) => boolean, is: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (fits(value)) return value
  throw new InvalidArgumentError(`It must be ${is}.`)
}

const listOf = (text: string, one: (text: string) => number): number[] => text.split(',').map(one)

export const integer = (text: string): number =>
  numberOf(text, (value) => Number.isSafeInteger(value) && value >= 1, 'a whole number from 1')

/** What `1,5,10` says. */
export const integers = (text: string): number[] => listOf(text, integer)

export const seed = (text: string): number =>
  numberOf(text, (value) => Number.isSafeInteger(value) && value >= 0, 'a whole number from 0')

/** A share or a false accept rate; neither none nor all. */
export const rate = (text: string): number =>
  numberOf(text, (value) => value > 0 && value < 1, 'above 0 and below 1')

/** What `1e-3,0.01` says. */
export const rates = (text: string): number[] => listOf(text, rate)

export const share = (text: string): number =>
  numberOf(text, (value) => value >= 0 && value <= 1, 'from 0 to 1')

export const cosine = (text: string): number =>
  numberOf(text, (value) => value >= -1 && value <= 1, 'from -1 to 1')

export const finite = (text: string): number => numberOf(text, Number.isFinite, 'a number')

export const positive = (text: string): number =>
  numberOf(text, (value) => value > 0 && value < Infinity, 'above 0')

export const notNegative = (text: string): number =>
  numberOf(text, (value) => value >= 0 && value < Infinity, 'a number from 0 on')
