import { describe, expect, it } from 'vitest'
import { checkConfig } from '../config/load.js'
import { Team } from '../distributed/team.js'
import { fasterOf, settlePrecision } from './precision.js'

const configOf = (precision: 'fp32' | 'bf16' | 'auto') =>
  checkConfig({ data: { roots: ['-'] }, model: { backbone: 'r18' }, train: { precision } })

describe('train.precision', () => {
  it('stays as it was given, unless that is auto', () => {
    for (const precision of ['fp32', 'bf16'] as const) {
      const config = configOf(precision)
      expect(settlePrecision(config, Team.alone())).toBe(config)
    }
  })

  it('is decided by a measurement, and nothing else is changed', () => {
    const config = configOf('auto')
    const settled = settlePrecision(config, Team.alone())
    expect(['fp32', 'bf16']).toContain(settled.train.precision)
    expect({ ...settled, train: { ...settled.train, precision: 'auto' } }).toEqual(config)
  })

  it('is bfloat16 only where that is clearly faster', () => {
    expect(fasterOf(10, 4)).toBe('bf16')
    expect(fasterOf(10, 9)).toBe('fp32')
    expect(fasterOf(10, 30)).toBe('fp32')
    expect(fasterOf(Number.NaN, 1)).toBe('fp32')
  })
})
