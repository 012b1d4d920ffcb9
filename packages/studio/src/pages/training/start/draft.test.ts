import { expect, it } from 'vitest'
import { begun, draftOf, withChoice, withValue } from './draft.js'
import { EXAMPLES, SCHEMA } from './schema.js'

const text = 'seed: 1 # everything\nloss:\n  name: arcface\n  margin: 0.5 # m\n  scale: 8\n'

it('changes a value and leaves the comments', () => {
  const draft = withValue(draftOf(text), ['loss', 'margin'], 0.3)
  expect(draft.text).toContain('margin: 0.3')
  expect(draft.text).toContain('# everything')
  expect(withValue(draft, ['train', 'epochs'], 3).value).toMatchObject({ train: { epochs: 3 } })
  expect(withValue(draftOf(''), ['seed'], 3).value).toEqual({ seed: 3 })
  const bare = withValue(withValue(draft, ['loss'], { scale: 3 }), ['loss', 'scale'], undefined)
  expect(bare.value).toEqual({ seed: 1 })
})

it('says why it is no YAML', () => {
  expect(draftOf('a: [1').fault).toMatch(/flow/i)
})

it('keeps of a loss what another has, too', () => {
  const draft = withChoice(draftOf(text), 'loss', SCHEMA.properties!.loss!, 'norm-softmax')
  expect(draft.value.loss).toEqual({ name: 'norm-softmax', scale: 8 })
})

it('begins with an example, on what is here', () => {
  const { value } = begun(EXAMPLES['faces-cpu.yaml']!, 'runs/mine', ['faces'])
  expect(value).toMatchObject({
    output: 'runs/mine',
    data: { roots: ['faces'] },
    verify: { sets: [] },
  })
  const distil = begun(EXAMPLES['distil-cpu.yaml']!, 'runs/mine', ['faces']).value
  expect(distil.data).toMatchObject({ roots: [], unlabelled: ['faces'] })
})
