import { createContext, useContext } from 'react'
import { type Numbers, useNumbers } from '../../language/language.js'
import { FIRST, type PresetName, type Settings, toDegrees } from './settings.js'

/** What is drawn, and which presets stand beside it. */
export interface Drawn {
  settings: Settings
  beside: readonly PresetName[]
}

export const DrawnContext = createContext<Drawn>({ settings: FIRST, beside: [] })
export const useDrawn = () => useContext(DrawnContext)

/** Numbers as the page writes them in formulas: with a minus, and angles as degrees. */
export function useWriting(): Numbers & {
  degree(angle: number, digits?: number): string
  /** With three digits, however near to 0. */
  small(value: number): string
} {
  const numbers = useNumbers()
  const fixed = (value: number, digits: number) => numbers.fixed(value, digits).replace('-', '−')
  return {
    ...numbers,
    fixed,
    small: (value) => {
      const power = Math.floor(Math.log10(Math.abs(value)))
      if (value === 0 || power > -4) return numbers.significant(value).replace('-', '−')
      return `${fixed(value / 10 ** power, 2)}·10${superscript(power)}`
    },
    degree: (angle, digits = 1) => `${fixed(toDegrees(angle), digits)}°`,
  }
}

const superscript = (whole: number): string =>
  String(whole).replace(/[-\d]/g, (one) => (one === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(one)]!))
