import { describe, expect, it } from 'vitest'
import { golden } from '../testing/goldens.js'
import { createBackbone } from './index.js'

const files = {
  r18: 'names-r18',
  r34: 'names-r34',
  r50: 'names-r50',
  r100: 'names-r100',
  mobilefacenet: 'names-mobilefacenet',
  'mobilefacenet-large': 'names-mbf_large',
}

describe("state dicts have arcface_torch's keys, shapes and order", () => {
  it.each(Object.entries(files))('%s', (name, file) => {
    const backbone = createBackbone(name)
    const state = [...backbone.stateDict()].map(([key, { shape }]) => [key, shape])
    backbone.dispose()
    expect(state).toEqual(Object.entries(golden<Record<string, number[]>>(file)))
  })
})
