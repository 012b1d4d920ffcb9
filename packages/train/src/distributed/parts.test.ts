import { nn, type Tensor, tensor } from '@arcface/libtorch'
import { describe, expect, it } from 'vitest'
import { restoreLoss } from './parts.js'

class Counting extends nn.Module {
  readonly seen = this.buffer('seen', tensor([1, 2]))
  override forward = (x: Tensor) => x
}

describe('what a loss keeps of the images of its rank', () => {
  const others = [
    [3, 6],
    [8, 1],
  ].map((one) => new Map<string, Tensor>([['seen', tensor(one)]]))
  const restored = (rank: number, world: number) => {
    const head = new Counting()
    restoreLoss(head, others, { rank, world })
    return [...head.seen.toFloat32Array()]
  }

  it('is its own again where as many ranks go on as saved it', () => {
    expect([0, 1, 2].map((rank) => restored(rank, 3))).toEqual([
      [1, 2],
      [3, 6],
      [8, 1],
    ])
  })

  it('is the mean of all where fewer or more do', () => {
    expect(restored(0, 1)).toEqual([4, 3])
    expect(restored(3, 4)).toEqual([4, 3])
  })
})
