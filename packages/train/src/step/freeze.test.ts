import { describe, expect, it } from 'vitest'
import { createBackbone } from '../backbones/index.js'
import { freeze, trainExcept } from './freeze.js'

/** Names of what trains, and of the modules that are in training mode. */
function after(parts: string[]) {
  const network = createBackbone('r10-small', { embeddingSize: 8 })
  freeze(network, parts)
  trainExcept(network, parts)
  const trained = [...network.namedParameters()].flatMap(([name, one]) =>
    one.requiresGrad ? [name] : [],
  )
  const modules = [...network.namedModules()].flatMap(([name, one]) => (one.training ? [name] : []))
  network.dispose()
  return { trained, modules }
}

describe('freeze', () => {
  it('keeps parts, weights and statistics', () => {
    const { trained, modules } = after(['bn1', 'layer1'])
    expect(trained).toEqual(after([]).trained.filter((name) => !/^(bn1|layer1)\./.test(name)))
    expect(modules.filter((name) => /^(bn1|layer1)(\.|$)/.test(name))).toEqual([])
    expect(modules).toContain('layer2.0.bn1')
  })

  it('keeps all that comes before a part', () => {
    const { trained, modules } = after(['..layer4.0.conv2'])
    expect(trained[0]).toBe('layer4.0.conv2.weight')
    expect(trained).toContain('features.bias')
    expect(modules).not.toContain('layer4.0.bn1')
    expect(modules).not.toContain('layer3.0.bn3')
    expect(modules).toContain('layer4.0.bn3')
    expect(after(['..conv1']).trained).toEqual(after([]).trained)
  })

  it.each(['layer9', '..layer9'])('names a part that there is not: %s', (part) => {
    expect(() => after([part])).toThrow(
      expect.objectContaining({
        code: 'TRAIN_WEIGHTS',
        message: expect.stringMatching(/no part layer9; did you mean layer1\?/),
      }),
    )
  })
})
