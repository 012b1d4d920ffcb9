import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readTorch } from './torch.js'

const room = mkdtempSync(join(tmpdir(), 'torch-'))
const text = (value: string) =>
  `X${Buffer.from(Uint32Array.of(value.length).buffer).toString('latin1')}${value}`
const dict = (...entries: [string, string][]) =>
  `}${entries.map(([name, value]) => `${text(name)}${value}s`).join('')}`
/** Two floats, 1 and 2, from the file's only storage. */
const tensor = `ctorch._utils\n_rebuild_tensor_v2\n((${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}K\x02tQK\x00K\x02\x85K\x01\x85\x89NtR`

/** A file of torch.save, in the form before 1.6, that holds `value`. */
function saved(name: string, value: string): string {
  const path = join(room, name)
  const pickles = [
    '\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.', // the magic number
    'M\xe9\x03.',
    `${dict(['little_endian', '\x88'])}.`,
    `${value}.`,
    `]${text('0')}a.`,
  ].map((one) => Buffer.from(`\x80\x02${one}`, 'latin1'))
  const storage = [BigUint64Array.of(2n), Float32Array.of(1, 2)]
  writeFileSync(
    path,
    Buffer.concat([...pickles, ...storage.map(({ buffer }) => Buffer.from(buffer))]),
  )
  return path
}

describe('a checkpoint with several dicts of tensors', () => {
  it('is read as the one that is called as state dicts are', () => {
    // As arcface_torch's train_v2.py saves checkpoint_gpu_0.pt.
    const path = saved(
      'checkpoint_gpu_0.pt',
      dict(
        ['epoch', 'K\x01'],
        ['state_dict_softmax_fc', dict(['weight', tensor])],
        ['state_dict_backbone', dict(['conv1.weight', tensor])],
      ),
    )
    expect([...readTorch(path)]).toEqual([
      ['conv1.weight', { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) }],
    ])
  })

  it('is refused where none is, with their names', () => {
    const two = dict(['student', dict(['w', tensor])], ['teacher', dict(['w', tensor])])
    expect(() => readTorch(saved('two.pt', two))).toThrow(
      expect.objectContaining({
        code: 'DATA_WEIGHTS',
        message: expect.stringMatching(/student, teacher.*state_dict or state_dict_backbone/),
      }),
    )
  })
})
