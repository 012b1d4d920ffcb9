// Exports a network with an operator that has no ONNX form yet: node converter.mjs network.onnx
import { nn, ops, tensorOp } from '@arcface/libtorch'
import { converters, exportOnnx } from '@arcface/train'

const [file] = process.argv.slice(2)

class Network extends nn.Module {
  weight = this.parameter('weight', ops.randn([3 * 112 * 112, 8]))
  forward(x) {
    return tensorOp('aten::cosh', ops.matmul(ops.flatten(x, 1), this.weight))
  }
}

converters.set('aten::cosh', (call) => call.emit('Cosh', [call.tensor(0)]))
const { dim, nodes } = exportOnnx(new Network(), file, {
  backbone: 'mine',
  loss: { name: 'none' },
})
console.log({ dim, nodes })
