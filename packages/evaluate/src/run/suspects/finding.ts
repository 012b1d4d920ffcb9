import { imageName, type People } from '@arcface/data'
import type { PlacedImage } from '../../suspects/format.js'

export function placed({ classes, samples }: People, place: number): PlacedImage {
  const sample = samples[place]!
  const person = classes[sample.label]!
  if ('bytes' in sample) return { path: imageName(sample), person }
  const { path, offset } = sample
  return { path, ...(offset !== undefined && { offset }), person }
}

/** Three digits tell all that a person reads. */
export const rounded = (value: number): number => Math.round(value * 1000) / 1000
