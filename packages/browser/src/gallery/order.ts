import { byCodePoint } from '@arcface/vision'

interface Timed {
  readonly id: string
  readonly added: number
}

/** In the order in which they came, and of their ids where they came together. */
export const byTime = (a: Timed, b: Timed) => a.added - b.added || byCodePoint(a.id, b.id)
