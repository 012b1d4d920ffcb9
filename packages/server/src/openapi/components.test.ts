import { expect, it } from 'vitest'
import { tidyComponents } from './components.js'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

it('keeps the schemas that are referred to, and those that these refer to', () => {
  const document = {
    paths: { '/a': { get: { out: ref('Face'), in: [ref('OnlyInput'), ref('BothInput')] } } },
    components: {
      securitySchemes: { key: {} },
      schemas: {
        Face: { properties: { box: ref('Box') } },
        FaceInput: { properties: { box: ref('BoxInput') } },
        Box: { type: 'object', properties: { again: ref('Face') } },
        BoxInput: {},
        Only: {},
        OnlyInput: { properties: { both: ref('Both') } },
        Both: {},
        BothInput: {},
      },
    },
  }
  expect(tidyComponents(document)).toEqual({
    paths: { '/a': { get: { out: ref('Face'), in: [ref('Only'), ref('BothInput')] } } },
    components: {
      securitySchemes: { key: {} },
      schemas: {
        Both: {},
        BothInput: {},
        Box: { type: 'object', properties: { again: ref('Face') } },
        Face: { properties: { box: ref('Box') } },
        Only: { properties: { both: ref('Both') } },
      },
    },
  })
})
