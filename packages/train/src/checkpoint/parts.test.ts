import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nn, type Tensor, tensor } from '@arcface/libtorch'
import { describe, expect, it } from 'vitest'
import { partFiles, restoreLoss, savedBy } from './parts.js'

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

function checkpoint(...names: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'parts-'))
  for (const name of names) writeFileSync(join(folder, name), '')
  return folder
}

describe('partFiles', () => {
  it('names the files of all ranks in their order', () => {
    const folder = checkpoint('head-1-of-2.safetensors', 'head-0-of-2.safetensors', 'state.json')
    expect(partFiles(folder, 'head', '')).toEqual([
      'head-0-of-2.safetensors',
      'head-1-of-2.safetensors',
    ])
    expect(partFiles(folder, 'optimizer', 'optimizer.safetensors')).toEqual([
      'optimizer.safetensors',
      'optimizer-1-of-2.safetensors',
    ])
  })

  it.each([
    ['a name that tells of ranks which nobody saved', ['head-0-of-30000000.safetensors']],
    ['of more than any list holds', ['head-0-of-99999999999999999999.safetensors']],
    ['a rank that was lost', ['head-0-of-3.safetensors', 'head-2-of-3.safetensors']],
    [
      'two worlds',
      ['head-0-of-1.safetensors', 'head-0-of-2.safetensors', 'head-1-of-2.safetensors'],
    ],
    ['no head', ['state.json']],
  ])('refuses %s', (_, names) => {
    expect(() => partFiles(checkpoint(...names), 'head', '')).toThrow(
      expect.objectContaining({ code: 'TRAIN_CHECKPOINT' }),
    )
  })

  it('knows by how many ranks a checkpoint was saved, or that files are missing', () => {
    expect(savedBy(checkpoint('random.safetensors'))).toBe(1)
    expect(savedBy(checkpoint('random-1-of-3.safetensors', 'random-2-of-3.safetensors'))).toBe(3)
    const lost = checkpoint('random-1-of-30000000.safetensors')
    expect(() => savedBy(lost)).toThrow(expect.objectContaining({ code: 'TRAIN_CHECKPOINT' }))
  })
})
