import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'

it('products outlive their threads: the next are multiplied by others', () => {
  const room = new URL('../../dist/index.js', import.meta.url)
  const program = `
    import { createRequire, syncBuiltinESMExports } from 'node:module'
    const threads = createRequire(import.meta.url)('node:worker_threads')
    const started = []
    threads.Worker = class extends threads.Worker {
      constructor(...given) {
        super(...given)
        started.push(this)
      }
    }
    syncBuiltinESMExports()
    const { onnxMatMul, Product } = await import('${room}')
    const product = await Product.open()
    const made = await onnxMatMul().product([Float32Array.of(1, 2)], 2)
    const out = new Float32Array(1)
    const both = async () => {
      const [{ scores }] = await product.times(Float32Array.of(3, 4), [{ rows: Float32Array.of(5, 6) }], 2)
      await made.times(Float32Array.of(3, 4), 1, [out])
      return [...scores, ...out]
    }
    const before = await both()
    const count = started.length
    await Promise.all(started.map((thread) => thread.terminate()))
    const after = await both()
    console.log(JSON.stringify({ before, after, others: started.length > count }))`
  const given = ['--input-type=module', '-e', program]
  const out = execFileSync(process.execPath, given, { encoding: 'utf8', timeout: 60_000 })
  expect(JSON.parse(out)).toEqual({ before: [39, 11], after: [39, 11], others: true })
})
