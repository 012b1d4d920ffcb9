import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkConfig, formatConfig, loadConfig } from './load.js'

const reference = new URL('../../../../examples/reference.yaml', import.meta.url)

function write(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'config-')), 'config.yaml')
  writeFileSync(path, text)
  return path
}

const least = { data: { roots: ['faces'] }, model: { backbone: 'r50' } }

describe('configuration', () => {
  it('shows every key with its default in examples/reference.yaml', () => {
    expect(parse(readFileSync(reference, 'utf8'))).toEqual(checkConfig(least))
  })

  const examples = fileURLToPath(new URL('.', reference))
  // An ablation has a configuration of its own around this one.
  const recipes = readdirSync(examples).filter((file) => /^(?!ablation).*\.yaml$/.test(file))
  it.each(recipes)('takes examples/%s as it is', (recipe) => {
    expect(loadConfig(join(examples, recipe)).seed).toBe(1)
  })

  it('names the nearest key for a typo, at any depth', () => {
    expect(() => checkConfig({ ...least, optimiser: {} })).toThrow(
      /unknown key optimiser; did you mean optimizer\?/,
    )
    expect(() => checkConfig({ ...least, loss: { margn: 0.3 } })).toThrow(
      /loss: arcface has no key margn; did you mean margin\?/,
    )
    expect(() => checkConfig({ ...least, data: { roots: ['a'], augment: { flp: true } } })).toThrow(
      /unknown key data\.augment\.flp; did you mean flip\?/,
    )
    expect(() =>
      checkConfig({ ...least, verify: { sets: [{ name: 'a', images: 'b', pairz: 'c' }] } }),
    ).toThrow(/did you mean pairs\?/)
  })

  it('lists the known keys where none is near', () => {
    expect(() => checkConfig({ ...least, loss: { temperature: 3 } })).toThrow(
      /known here: name, scale/,
    )
  })

  it('has a code and names file and key', () => {
    const path = write('data: {roots: []}\nmodel: {backbone: r18}\nloss: {scale: -1}\n')
    expect(() => loadConfig(path)).toThrow(
      expect.objectContaining({
        code: 'TRAIN_CONFIG',
        message: expect.stringMatching(/data\.roots.*loss\.scale/),
      }),
    )
    expect(() => loadConfig(`${path}.none`)).toThrow(
      expect.objectContaining({ code: 'TRAIN_CONFIG' }),
    )
    expect(() => loadConfig(write('a: [1\nb'))).toThrow(
      expect.objectContaining({ code: 'TRAIN_CONFIG' }),
    )
  })

  it('applies overrides as YAML, last', () => {
    const path = write('data: {roots: [a]}\nmodel: {backbone: r18}\n')
    const config = loadConfig(path, ['loss.margin=0.3', 'data.roots=[x, y]', 'output=runs/b'])
    expect(config).toMatchObject({
      loss: { margin: 0.3 },
      data: { roots: ['x', 'y'] },
      output: 'runs/b',
    })
    expect(() => loadConfig(path, ['loss.margin'])).toThrow(/key\.key=value/)
    expect(() => loadConfig(path, ['loss.margn=1'])).toThrow(/did you mean margin/)
    expect(() => loadConfig(path, ['seed.deep=1'])).toThrow(
      expect.objectContaining({ code: 'TRAIN_CONFIG' }),
    )
  })

  it('refuses two verification sets of one name', () => {
    const set = { name: 'a', pairs: 'a.bin' }
    expect(() =>
      checkConfig({ ...least, verify: { sets: [set, { ...set, pairs: 'b.bin' }] } }),
    ).toThrow(/verify\.sets: two sets are called a;/)
  })

  it('takes the batch from the sampler, and refuses another', () => {
    const data = { ...least.data, sampler: { people: 8, images: 4 } }
    expect(checkConfig({ ...least, data }).train.batchSize).toBe(32)
    expect(checkConfig({ ...least, data, train: { epochs: 3 } }).train).toMatchObject({
      epochs: 3,
      batchSize: 32,
    })
    const config = checkConfig({ ...least, data, train: { batchSize: 32 } })
    expect(checkConfig(parse(formatConfig(config)))).toEqual(config)
    const refusals: [object, RegExp][] = [
      [
        { data, train: { batchSize: 64 } },
        /train\.batchSize: data\.sampler makes batches of 32, not 64/,
      ],
      [{ data, train: { bachSize: 64 } }, /unknown key train\.bachSize; did you mean batchSize\?/],
      [{ data, train: 3 }, /train: /],
      [
        { data: { ...data, sampler: { peple: 8, images: 4 } } },
        /unknown key data\.sampler\.peple; did you mean people\?/,
      ],
      [{ data: { ...data, sampler: { people: 8, images: 1 } } }, /data\.sampler\.images/],
      [
        { loss: { name: 'triplet' } },
        /data\.sampler: loss triplet .*add data\.sampler: \{ people: 16, images: 4 \}/,
      ],
    ]
    for (const [wrong, message] of refusals)
      expect(() => checkConfig({ ...least, ...wrong })).toThrow(
        expect.objectContaining({ code: 'TRAIN_CONFIG', message: expect.stringMatching(message) }),
      )
  })

  it('comes back the same from the text that is stored with a run', () => {
    const config = checkConfig(least)
    expect(checkConfig(parse(formatConfig(config)))).toEqual(config)
  })
})
