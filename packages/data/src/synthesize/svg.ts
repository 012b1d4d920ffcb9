import type { Colour } from './identity.js'

/** A number to a hundredth of a pixel. */
export const n = (value: number) => String(Math.round(value * 100) / 100)

export const rgb = (colour: Colour) => `rgb(${colour.map((v) => Math.round(v)).join()})`

/** To shade with. */
export const BLACK: Colour = [0, 0, 0]
