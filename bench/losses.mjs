// What a loss costs beside the plain softmax head: forward and backward of a batch, in turns in one process.
// node bench/losses.mjs [name]
import { spawnSync } from 'node:child_process'
import {
  keepMemory,
  manualSeed,
  ops,
  scope,
  setNumThreads,
  tensor,
  torchVersion,
} from '@arcface/libtorch'
import { createLoss, listLosses } from '@arcface/train'
import { median, record } from './harness.mjs'

const [batch, dim, threads, rounds] = [128, 512, 2, 5]
setNumThreads(threads)
keepMemory()
manualSeed(1)

function seconds(loss, x, labels) {
  return scope(() => {
    x.grad = null
    for (const one of loss.parameters()) one.grad = null
    const start = performance.now()
    loss.call(x, labels).backward()
    return (performance.now() - start) / 1000
  })
}

function compare(name, classes) {
  return scope(() => {
    const shape = { classes, dim }
    const both = [createLoss({ name: 'softmax' }, shape), createLoss({ name }, shape)]
    const x = ops.randn([batch, dim])
    x.requiresGrad = true
    // Four images a person, as losses of triplets want.
    const people = Array.from({ length: batch }, (_, i) => (Math.floor(i / 4) * 97) % classes)
    const labels = tensor(people, [batch], { dtype: 'int64' })
    const times = both.map(() => [])
    for (let round = 0; round <= rounds; round++)
      for (const [i, loss] of both.entries()) {
        const took = seconds(loss, x, labels)
        if (round > 0) times[i].push(took)
      }
    for (const loss of both) loss.dispose()
    const [softmax, own] = times.map(median)
    record('losses', {
      libtorch: torchVersion,
      threads,
      batch,
      dim,
      classes,
      loss: name,
      ms: (own * 1000).toFixed(1),
      softmax_ms: (softmax * 1000).toFixed(1),
      ratio: (own / softmax).toFixed(2),
    })
    return Number((own / softmax).toFixed(2))
  })
}

const [wanted] = process.argv.slice(2)
if (wanted !== undefined)
  console.table([
    { loss: wanted, '10k': compare(wanted, 10_000), '100k': compare(wanted, 100_000) },
  ])
else {
  console.log('Time of forward and backward, as a multiple of softmax:')
  // A process each: what one leaves of the heap in pieces is not the next one's to bear.
  for (const name of listLosses().filter((one) => one !== 'softmax'))
    spawnSync(process.execPath, [import.meta.filename, name], { stdio: 'inherit' })
}
