import { create } from '@bufbuild/protobuf'
import { expect, it } from 'vitest'
import {
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from '../generated/onnx_pb.js'
import { externalFiles } from './external.js'

const kept = (location: string) =>
  create(TensorProtoSchema, {
    name: location,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [{ key: 'location', value: location }],
  })

const modelOf = (...locations: string[]) =>
  create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ version: 17n }],
    graph: {
      output: [{ name: 'y' }],
      initializer: locations.map(kept),
      // A subgraph of a node may keep weights too.
      node: [{ attribute: [{ g: { initializer: locations.slice(0, 1).map(kept) } }] }],
    },
  })

it('names the files beside a model, and refuses what lies elsewhere', () => {
  expect(externalFiles(modelOf('in/a.bin', './b.bin'), 'm')).toEqual(['b.bin', 'in/a.bin'])
  for (const place of ['/etc/passwd', '../x', 'a/../../x', ''])
    expect(() => externalFiles(modelOf(place), 'm')).toThrow(
      expect.objectContaining({ code: 'ONNX_NOT_A_MODEL' }),
    )
})
