// Builds an ONNX file node by node, here one that halves its input: node build.mjs halves.onnx
import { writeFileSync } from 'node:fs'
import { GraphBuilder, TensorProto_DataType } from '@arcface/onnx'

const [file] = process.argv.slice(2)

const { FLOAT } = TensorProto_DataType
const graph = new GraphBuilder('halves')
const x = graph.input('x', FLOAT, ['batch', 512])
graph.output(graph.add('Mul', [x, graph.number(0.5)]), FLOAT, ['batch', 512])
const bytes = graph.encode()
writeFileSync(file, bytes)
