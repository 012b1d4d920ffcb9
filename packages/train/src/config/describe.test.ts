import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { listLosses } from '../losses/index.js'
import { describeConfig, type JsonSchema } from './describe.js'
import { checkConfig } from './load.js'

const folder = new URL('../../../../examples/', import.meta.url)
const { schema, examples } = describeConfig()
const valid = new Ajv({ strict: false }).compile(schema)
const at = (...path: string[]) =>
  path.reduce<JsonSchema>((one, key) => one.properties![key]!, schema)

describe('describeConfig', () => {
  it('has the examples as they are', () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
    expect(Object.keys(examples).sort()).toEqual(names.sort())
    for (const name of names)
      expect(examples[name]).toBe(readFileSync(new URL(name, folder), 'utf8'))
  })

  it('takes what the configuration takes with every value', () => {
    for (const [name, text] of Object.entries(examples)) {
      if (name.startsWith('ablation')) continue
      expect([valid(checkConfig(parse(text))), valid.errors], name).toEqual([true, null])
    }
    const least = { data: { roots: ['a'] }, model: { backbone: 'r50' } }
    for (const loss of listLosses()) {
      const sampler = loss === 'triplet' ? { people: 16, images: 4 } : null
      const config = checkConfig({
        ...least,
        data: { ...least.data, sampler },
        loss: { name: loss },
      })
      expect([valid(config), valid.errors], loss).toEqual([true, null])
      expect(valid({ ...config, loss: { ...config.loss, margn: 1 } }), loss).toBe(false)
    }
  })

  it('refuses what is out of range', () => {
    const config = checkConfig(parse(examples['reference.yaml']!))
    for (const wrong of [
      { ...config, seed: -1.5 },
      { ...config, optimizer: { ...config.optimizer, lr: 0 } },
      { ...config, optimizer: { ...config.optimizer, schedule: 'none' } },
      { ...config, loss: { ...config.loss, name: 'none of these' } },
    ])
      expect(valid(wrong)).toBe(false)
  })

  it('says what a key is for, with the words of the reference', () => {
    expect(at('optimizer', 'clipNorm').description).toBe(
      "largest L2 norm of the backbone's gradients; 0 leaves them",
    )
    expect(at('data', 'augment', 'rotate').description).toBe('largest rotation, in degrees')
    const arcface = (at('loss').oneOf as JsonSchema[]).find(({ title }) => title === 'arcface')!
    expect(arcface.properties!.margin!.description).toBe('additive angle m, in radians')
    expect(at('model', 'backbone').examples).toContain('mobilefacenet')
  })
})
